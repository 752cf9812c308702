/** Base64 as RFC 4648 section 4 has it, without the leniency of decoders: one text for each content. */

/** The content, or `undefined` for other characters, wrong padding, or stray bits in the last digit. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
