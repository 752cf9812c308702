/** Content digests, `algorithm:hex` (OCI image-spec, descriptor.md). A digest is checked here before any use. */

import { ErofsWasmError } from '../errors.ts';
import { quoted } from './quote.ts';

/** The algorithms this package can compute; both are registered by the image-spec. */
export type DigestAlgorithm = 'sha256' | 'sha512';

export interface Digest {
  readonly algorithm: DigestAlgorithm;
  /** Lower-case, of the algorithm's exact length. */
  readonly hex: string;
}

/** Hex lengths by name; sha384 may stand in a reference but cannot be verified by us. */
const HEX_LENGTH: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);

/** Digests of no bytes at all. */
export const EMPTY_DIGESTS: ReadonlySet<string> = new Set([
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
]);

/** The longest legal digest has 135 characters; anything far beyond is refused before it is scanned. */
const LONGEST_DIGEST = 512;

/** What is wrong with a digest: `syntax` can never be used anywhere, `algorithm` is legal but unknown here. */
export interface DigestProblem {
  readonly kind: 'syntax' | 'length' | 'algorithm';
  readonly text: string;
}

/** Checks the general syntax, then the algorithm's own; sha384 passes. `undefined` when all is well. */
export function digestProblem(text: string): DigestProblem | undefined {
  const colon = text.indexOf(':');
  const algorithm = text.slice(0, Math.max(colon, 0));
  const encoded = text.slice(colon + 1);
  if (text.length > LONGEST_DIGEST || !isAlgorithm(algorithm) || !/^[A-Za-z0-9=_-]+$/.test(encoded))
    return { kind: 'syntax', text: 'is not of the form algorithm:hex' };
  const length = HEX_LENGTH.get(algorithm);
  if (length === undefined)
    return { kind: 'algorithm', text: `has the unsupported algorithm ${quoted(algorithm)}` };
  if (!/^[a-f0-9]+$/.test(encoded))
    return { kind: 'syntax', text: 'must be in lower-case hex digits' };
  if (encoded.length !== length)
    return { kind: 'length', text: `has ${encoded.length} hex digits, ${algorithm} has ${length}` };
  return undefined;
}

/** image-spec: `algorithm-component *(algorithm-separator algorithm-component)`, scanned by split: linear. */
function isAlgorithm(text: string): boolean {
  return text.split(/[+._-]/).every((component) => /^[a-z0-9]+$/.test(component));
}

/** Whether the text is a digest that can be computed and compared. */
export function isSupportedDigest(text: string): boolean {
  return digestProblem(text) === undefined && !text.startsWith('sha384:');
}

/** The parts of a digest that is about to be used. Throws `E_DIGEST`, also for an algorithm we cannot compute. */
export function parseDigest(text: string, place: string): Digest {
  const problem = digestProblem(text);
  if (problem !== undefined)
    throw new ErofsWasmError('E_DIGEST', `the digest ${quoted(text)} ${problem.text}`, { place });
  const [algorithm = '', hex = ''] = text.split(':');
  if (algorithm !== 'sha256' && algorithm !== 'sha512')
    throw new ErofsWasmError('E_DIGEST', `unsupported digest algorithm: ${algorithm}`, {
      place,
      hint: 'supported are sha256 and sha512',
    });
  return { algorithm, hex };
}
