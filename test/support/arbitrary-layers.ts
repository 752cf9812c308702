/** Random stacks of layers over so few names that they collide: for property tests and fuzzing. */

import fc from 'fast-check';
import type { SimpleEntry, SimpleType } from './naive-layers.ts';

export interface ArbitraryLayersOptions {
  /** Default 4. */
  readonly maxLayers?: number;
  /** Entries of a layer; default 8. */
  readonly maxEntries?: number;
  /** Whiteouts, opaque markers and 0:0 devices; default true. */
  readonly markers?: boolean;
  /** Paths with `..`, reserved names and other things that tars should not have; default true. */
  readonly odd?: boolean;
}

type Draft = Omit<SimpleEntry, 'id'>;

const name = fc.constantFrom('a', 'b', 'c');
const names = fc
  .array(name, { minLength: 1, maxLength: 3, size: 'max' })
  .map((path) => path.join('/'));

const plainTarget = fc.oneof(
  names,
  names.map((path) => `/${path}`),
  names.map((path) => `../${path}`),
);
const oddTarget = fc.constantFrom(
  '.',
  '/',
  '..',
  '../../..',
  'a/..',
  'b/../c',
  '/a/../b/../c/a',
  'missing/../a',
  'a//b/',
  '.wh.a',
  'b/.wh.c/..',
  `${'n'.repeat(256)}`,
);

const oddPath = fc.oneof(
  names.map((path) => `./${path}`),
  names.map((path) => `/${path}`),
  names.map((path) => `a/../${path}`),
  fc.tuple(name, names).map(([first, path]) => `${first}/.//${path}`),
  fc.constantFrom('.', '/', '', '..', '../a', 'a/..', 'a/b/c/a/b/c', 'missing', 'missing/a'),
  names.map((path) => `${path}/.wh./a`),
  fc.constantFrom('.wh.', 'a/.wh..', '.wh...', '.wh.a/b', 'a/.wh.b/c', '.wh..wh.aufs'),
  fc.constantFrom('.wh..wh..opq/a', '.wh..wh.plnk/1', '.wh..wh.plnk/2', 'a/.wh..wh.plnk/1'),
  fc.constantFrom('.wh..wh.plnk', '.wh..wh.plnk/1/2', '.wh..wh.foo', `${'n'.repeat(256)}/a`),
);

const marker = fc.oneof(
  { weight: 3, arbitrary: names.map((path) => path.replace(/[^/]*$/, '.wh.$&')) },
  { weight: 2, arbitrary: names.map((path) => path.replace(/[^/]*$/, '.wh..wh..opq')) },
  { weight: 1, arbitrary: names.map((path) => `${path}/.wh..wh..opq`) },
);

const type = fc.constantFrom<SimpleType>('file', 'directory', 'symlink', 'hardlink', 'fifo');

function entry(options: ArbitraryLayersOptions): fc.Arbitrary<Draft> {
  const { markers = true, odd = true } = options;
  const weight = (isWanted: boolean, value: number) => (isWanted ? value : 0);
  const target = fc.oneof(
    { weight: 12, arbitrary: plainTarget },
    { weight: weight(odd, 2), arbitrary: oddTarget },
  );
  const linkTarget = fc.oneof(
    { weight: 30, arbitrary: names },
    { weight: weight(odd, 1), arbitrary: oddPath },
  );
  const path = fc.oneof(
    { weight: 30, arbitrary: names },
    { weight: weight(odd, 1), arbitrary: oddPath },
  );
  const file = path.map((at): Draft => ({ path: at, type: 'file' }));
  const directory = path.map((at): Draft => ({ path: `${at}/`, type: 'directory' }));
  const fifo = path.map((at): Draft => ({ path: at, type: 'fifo' }));
  const device = fc
    .tuple(path, fc.constantFrom(0, 1), fc.constantFrom<SimpleType>('char', 'char', 'block'))
    .map(([at, number, kind]): Draft => ({ path: at, type: kind, device: number }));
  const symlink = fc
    .tuple(path, target)
    .map(([at, text]): Draft => ({ path: at, type: 'symlink', target: text }));
  const hardlink = fc
    .tuple(path, linkTarget)
    .map(([at, text]): Draft => ({ path: at, type: 'hardlink', target: text }));
  const mark = fc.tuple(marker, type).map(
    ([at, kind]): Draft => ({
      path: at,
      type: kind,
      ...(kind === 'symlink' || kind === 'hardlink' ? { target: 'a' } : {}),
    }),
  );
  return fc.oneof(
    { weight: 6, arbitrary: file },
    { weight: 6, arbitrary: directory },
    { weight: 5, arbitrary: symlink },
    { weight: 3, arbitrary: hardlink },
    { weight: 1, arbitrary: fifo },
    { weight: weight(markers, 1), arbitrary: device },
    { weight: weight(markers, 5), arbitrary: mark },
  );
}

/** Layers, lowest first; every entry has an id of its own, from 1. */
export function arbitraryLayers(
  options: ArbitraryLayersOptions = {},
): fc.Arbitrary<SimpleEntry[][]> {
  const { maxLayers = 4, maxEntries = 8 } = options;
  const layer = fc.array(entry(options), { maxLength: maxEntries, size: 'max' });
  return fc
    .array(layer, { minLength: 1, maxLength: maxLayers, size: 'max' })
    .map((layers) => numbered(layers));
}

function numbered(layers: readonly (readonly Draft[])[]): SimpleEntry[][] {
  let id = 0;
  return layers.map((layer) => layer.map((draft) => ({ ...draft, id: ++id })));
}
