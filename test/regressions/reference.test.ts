import { expect, it } from 'vitest';
import { familiarName, parseReference } from '../../src/oci/reference.ts';

it('a short name is never one of another host', () => {
  const reference = parseReference('index.docker.io/ker.io/x');
  expect(familiarName(reference)).toBe('docker.io/ker.io/x');
  expect(parseReference(familiarName(reference))).toEqual(reference);
});
