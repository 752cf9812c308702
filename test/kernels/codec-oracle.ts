/** The libraries that mkfs.erofs and fsck.erofs use, asked through a Python script: any number of requests at once. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMPRESSION_ALGORITHMS, type CompressionAlgorithm } from '../../src/erofs/decompressor.ts';

const SCRIPT = fileURLToPath(new URL('codec-oracle.py', import.meta.url));
/** Debian's packages of these bring the libraries that the script loads. */
export const CODEC_NEEDS = { tools: ['python3', 'lz4', 'mkfs.erofs', 'zstd'] } as const;

const MOST_OUTPUT = 1024 ** 3;
const REQUEST_SIZE = 16;
const ANSWER_SIZE = 12;

interface Question {
  readonly algorithm: CompressionAlgorithm;
  readonly bytes: Uint8Array;
  /** Size of the output: the most that compressing may make, and what undoing it must fill. */
  readonly limit: number;
  readonly dictionary?: number;
}

export interface CompressQuestion extends Question {
  readonly level: number;
}

export interface DecompressQuestion extends Question {
  readonly partial: boolean;
}

export interface Answer {
  readonly ok: boolean;
  /** Bytes of the input that were used. */
  readonly used: number;
  readonly bytes: Uint8Array;
}

/** Packs as much of each input as fits. */
export function compressBlocks(questions: readonly CompressQuestion[]): Answer[] {
  return ask(questions.map((question) => encode('c', question, question.level)));
}

export function decompressBlocks(questions: readonly DecompressQuestion[]): Answer[] {
  return ask(questions.map((question) => encode('d', question, question.partial ? 1 : 0)));
}

function encode(op: string, { algorithm, bytes, limit, dictionary }: Question, option: number) {
  const head = Buffer.alloc(REQUEST_SIZE);
  head.write(op);
  head[1] = COMPRESSION_ALGORITHMS.indexOf(algorithm);
  head[2] = option;
  head.writeUInt32LE(limit, 4);
  head.writeUInt32LE(dictionary ?? 0, 8);
  head.writeUInt32LE(bytes.length, 12);
  return Buffer.concat([head, bytes]);
}

function ask(requests: readonly Uint8Array[]): Answer[] {
  const input = Buffer.concat(requests);
  const output = execFileSync('python3', [SCRIPT], { input, maxBuffer: MOST_OUTPUT });
  const answers: Answer[] = [];
  for (let at = 0; at < output.length; ) {
    const start = at + ANSWER_SIZE;
    const end = start + output.readUInt32LE(at + 8);
    answers.push({
      ok: output.readUInt32LE(at) === 0,
      used: output.readUInt32LE(at + 4),
      bytes: output.subarray(start, end),
    });
    at = end;
  }
  if (answers.length !== requests.length) throw new Error('an answer is missing');
  return answers;
}
