/** A build in a process of its own, which tells how much memory it took. */

import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BuildOptions } from '../../src/index.ts';

const LIBRARY = new URL('../../dist/index.js', import.meta.url);

/** What the process runs: everything it must know is in its arguments, and the tar is its standard input. */
const CODE = `
  const [library, options] = process.argv.slice(1);
  const { build } = await import(library);
  const code = await build(JSON.parse(options)).then(() => 'done', (error) => error.code + ' ' + error.summary);
  process.stdout.write(JSON.stringify({ code, kibibytes: process.resourceUsage().maxRSS }));
  process.exit();
`;

export interface Measured {
  /** `done`, or the code and summary of the error. */
  readonly outcome: string;
  /** Largest resident memory of the process in MiB. */
  readonly mebibytes: number;
}

/** Builds `tar:-` from these pieces with one thread. */
export async function measureBuild(
  pieces: Iterable<Uint8Array>,
  options: Omit<BuildOptions, 'source'>,
): Promise<Measured> {
  const all = { source: 'tar:-', sha256: false, threads: 1, ...options };
  const args = ['--input-type=module', '-e', CODE, LIBRARY.href, JSON.stringify(all)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  // A build that refuses its input does not read it to the end.
  const sent = pipeline(Readable.from(pieces), child.stdin).catch(() => undefined);
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  await sent;
  const { code, kibibytes } = JSON.parse(text) as { code: string; kibibytes: number };
  return { outcome: code, mebibytes: kibibytes / 1024 };
}
