/** Hides what looks like a secret in the words of another program; which of its words are secret nobody tells us. */

const MASK = 'REDACTED';

/** `password=x`, `"token": "x"`, `Authorization: Bearer x`: the rest of the word after such a name. */
const NAMED =
  /((?:passw(?:or)?d|passphrase|secret|token|credentials?|api[-_]?key|authorization|bearer|basic|signature)["']?(?:\s*[=:]\s*|\s+)["']?)(?:(?:bearer|basic)\s+)?[^\s"',;]+/gi;

/** User and password in a URL, and its query. */
const URL_LOGIN = /:\/\/[^\s/@]{1,1000}@/g;
const URL_QUERY = /\?[^\s"']+/g;

/** Long words that mix letters and digits are keys, hashes and tokens; those without digits are names. */
const LONG_WORD = /[A-Za-z0-9+/_=.~-]{16,}/g;

/** The text with the likely secrets replaced. */
export function maskSecrets(text: string): string {
  return text
    .replace(URL_LOGIN, `://${MASK}@`)
    .replace(URL_QUERY, `?${MASK}`)
    .replace(NAMED, `$1${MASK}`)
    .replace(LONG_WORD, (word) => (looksRandom(word) ? MASK : word));
}

/** Paths and host names have digits too, but not in a part of this length. */
function looksRandom(word: string): boolean {
  const parts = word.split(/[/.]/);
  return parts.some((part) => part.length >= 16 && /\d/.test(part) && /[A-Za-z]/.test(part));
}
