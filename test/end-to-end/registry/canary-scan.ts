/** Finds a secret in whatever coding it was written down. */

/** Every secret of these tests is made of it, so that even a third of one is found. */
export const CANARY = 'cAnArY7';

/** A secret with characters that codings change. */
export const secretNamed = (name: string): string => `${name}+${CANARY}/${CANARY}=${CANARY}`;

const MOST_CODINGS = 3;
const WORD = /[A-Za-z0-9+/_-]{8,}/g;

/** Where in `text` the canary shows: as it is, or below up to three codings; undefined where it does not. */
export function findCanary(text: string, codings = MOST_CODINGS): string | undefined {
  const at = text.toLowerCase().indexOf(CANARY.toLowerCase());
  if (at >= 0) return text.slice(Math.max(at - 60, 0), at + 60);
  if (codings === 0) return undefined;
  for (const decoded of decodings(text)) {
    const found = findCanary(decoded, codings - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What the text may stand for, unchanged readings left out. */
function decodings(text: string): string[] {
  const unescaped = text.replace(/\\u00([0-9a-f]{2})/gi, '%$1').replaceAll('\\/', '/');
  const percent = unescaped.replace(/(?:%[0-9a-f]{2})+/gi, (codes) =>
    Buffer.from(codes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
  const words = text.match(WORD) ?? [];
  const base64 = words.flatMap((word) =>
    // The word may begin in the middle of a group of four.
    [0, 1, 2, 3].map((start) => Buffer.from(word.slice(start), 'base64').toString('latin1')),
  );
  const hex = words
    .filter((word) => /^[0-9a-f]+$/i.test(word))
    .map((word) => Buffer.from(word, 'hex').toString('latin1'));
  return [...(percent === text ? [] : [percent]), base64.join('\n'), hex.join('\n')].filter(
    (decoded) => decoded.trim() !== '',
  );
}
