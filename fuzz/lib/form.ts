/** How inputs of a kind are kept in a file, and what smaller ones an input has. */

export interface Form<Input> {
  /** Extension of its files. */
  readonly extension: string;
  encode(input: Input): Uint8Array;
  decode(bytes: Uint8Array): Input;
  /** Simpler inputs, the boldest cuts first. */
  smaller(input: Input): Iterable<Input>;
}

export const BYTES: Form<Uint8Array> = {
  extension: 'bin',
  encode: (input) => input,
  decode: (bytes) => new Uint8Array(bytes),
  smaller: smallerBytes,
};

/** Cuts of half the bytes, a quarter and so on, then single bytes made zero. */
function* smallerBytes(input: Uint8Array): Generator<Uint8Array> {
  for (let size = largestPower(input.length); size >= 1; size /= 2) {
    for (let at = 0; at + size <= input.length; at += size) {
      yield without(input, at, at + size);
    }
  }
  for (let at = 0; at < input.length; at++) {
    if (input[at] === 0) continue;
    const simpler = input.slice();
    simpler[at] = 0;
    yield simpler;
  }
}

function without(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const shorter = new Uint8Array(bytes.length - (to - from));
  shorter.set(bytes.subarray(0, from));
  shorter.set(bytes.subarray(to), from);
  return shorter;
}

function largestPower(limit: number): number {
  return limit === 0 ? 0 : 2 ** Math.floor(Math.log2(limit));
}

/** Values of JSON; the keys of objects stay, and a smaller value must still be one that can be made. */
export function jsonForm<Input>(isValid: (input: Input) => boolean = () => true): Form<Input> {
  return {
    extension: 'json',
    encode: (input) => Buffer.from(`${JSON.stringify(input, undefined, 1)}\n`),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Input,
    *smaller(input) {
      for (const smaller of smallerValues(input) as Iterable<Input>) {
        if (isValid(smaller)) yield smaller;
      }
    },
  };
}

function* smallerValues(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) yield* smallerArrays(value);
  else if (typeof value === 'string') yield* smallerStrings(value);
  else if (typeof value === 'number')
    yield* [0, Math.trunc(value / 2), value - 1].filter((n) => Math.abs(n) < Math.abs(value));
  else if (typeof value === 'object' && value !== null) {
    for (const [key, field] of Object.entries(value)) {
      for (const smaller of smallerValues(field)) yield { ...value, [key]: smaller };
    }
  }
}

function* smallerArrays(value: readonly unknown[]): Generator<unknown[]> {
  for (let size = largestPower(value.length); size >= 1; size /= 2) {
    for (let at = 0; at + size <= value.length; at += size) yield value.toSpliced(at, size);
  }
  for (const [index, item] of value.entries()) {
    for (const smaller of smallerValues(item)) yield value.with(index, smaller);
  }
}

function* smallerStrings(text: string): Generator<string> {
  for (let size = largestPower(text.length); size >= 1; size /= 2) {
    for (let at = 0; at + size <= text.length; at += size) {
      yield text.slice(0, at) + text.slice(at + size);
    }
  }
}

/** Several byte strings under one name. */
export interface Parts {
  readonly kind: string;
  readonly parts: readonly Uint8Array[];
}

/** As JSON with each part in base64; cut part by part. */
export const PARTS: Form<Parts> = {
  extension: 'json',
  encode: ({ kind, parts }) => {
    const texts = parts.map((part) => Buffer.from(part).toString('base64'));
    return Buffer.from(`${JSON.stringify({ kind, parts: texts }, undefined, 1)}\n`);
  },
  decode: (bytes) => {
    const { kind, parts } = JSON.parse(Buffer.from(bytes).toString()) as {
      kind: string;
      parts: string[];
    };
    return { kind, parts: parts.map((text) => new Uint8Array(Buffer.from(text, 'base64'))) };
  },
  *smaller({ kind, parts }) {
    if (parts.length > 1)
      for (const index of parts.keys()) yield { kind, parts: parts.toSpliced(index, 1) };
    for (const [index, part] of parts.entries()) {
      for (const smaller of smallerBytes(part)) yield { kind, parts: parts.with(index, smaller) };
    }
  },
};
