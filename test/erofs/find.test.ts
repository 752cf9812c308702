/** Looking up paths, and what images and features say for themselves. */

import { describe, expect, it } from 'vitest';
import { featuresOf, unknownFeatures } from '../../src/erofs/features.ts';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { COMPACT_INODE, DIRENT } from '../../src/erofs/records.ts';
import {
  BLOCK,
  bytesOf,
  craftImage,
  DATA,
  nidOf,
  PLACES,
  padded,
} from '../support/crafted-image.ts';

const NAMES = ['!', '-x', '.', '..', '..x', 'a', 'b\u00ff', 'f'];
const file = { compact: { format: 0, size: 3, data: DATA } };

/** The root in blocks of its own, two names in each. */
function imageOf(names: readonly string[], format = 0): Uint8Array {
  const blocks = [];
  for (let i = 0; i < names.length; i += 2) {
    const block = blockOf(names.slice(i, i + 2));
    blocks.push(
      i + 2 < names.length
        ? Buffer.concat([block, new Uint8Array(BLOCK)]).subarray(0, BLOCK)
        : block,
    );
  }
  const content = Buffer.concat(blocks);
  const image = craftImage({
    file,
    data: { [DATA + 1]: content, [DATA]: padded(Buffer.from('abc')) },
  });
  const view = new DataView(image.buffer);
  const root = { format, mode: 0o40755, nlink: 2, size: content.length, data: DATA + 1 };
  COMPACT_INODE.write(view, PLACES.root * BLOCK, root);
  return image;
}

function blockOf(names: readonly string[]): Uint8Array {
  const namesAt = names.length * DIRENT.size;
  const text = Buffer.from(names.join(''), 'latin1');
  const block = new Uint8Array(namesAt + text.length);
  names.forEach((name, i) => {
    const isDot = name === '.' || name === '..';
    DIRENT.write(new DataView(block.buffer), i * DIRENT.size, {
      nid: nidOf(isDot ? 'root' : 'file'),
      fileType: isDot ? 2 : 1,
      nameOffset: namesAt + names.slice(0, i).join('').length,
    });
  });
  block.set(text, namesAt);
  return block;
}

const readerOf = (names: readonly string[], format = 0) =>
  new ErofsReader(bytesOf(imageOf(names, format)));

describe('a path', () => {
  const reader = readerOf(NAMES);

  it.each(['/', '', '.', '/.', '//./', '..', '/../..'])('leads from %j to the root', (path) => {
    expect(reader.find(path).nid).toBe(nidOf('root'));
  });

  it.each(NAMES.filter((name) => !/^\.+$/.test(name)))('finds %j', (name) => {
    expect(reader.find(Buffer.from(`/${name}`, 'latin1')).nid).toBe(nidOf('file'));
  });

  it.each([
    ['/no', /there is no \/no \(\/no\)/],
    ['/ ', /there is no \/ /],
    ['/zz', /there is no/],
    ['/f/g', /\/f is no directory \(\/f\/g\)/],
    ['/f/..', /\/f is no directory/],
    ['/\u0007', /there is no \/\\x07/],
    ['/bÿ', /there is no/],
  ])('does not find %j', (path, message) => {
    expect(() => reader.find(path)).toThrow(
      expect.objectContaining({ code: 'E_NOT_FOUND', message: expect.stringMatching(message) }),
    );
  });
});

describe('a directory that leaves out its dot', () => {
  const DOT_OMITTED = 0x10;

  it.each([
    ['in front of its place', ['..', 'a', 'f']],
    ['behind names that come before it', ['!', '-x', '..', 'f']],
  ])('gets it back %s', (_, names) => {
    const reader = readerOf(names, DOT_OMITTED);
    const entries = [...reader.entries(reader.root())];
    expect(entries.map(({ name }) => name)).toEqual([...names, '.'].sort());
    expect(entries.find(({ name }) => name === '.')).toMatchObject({ nid: nidOf('root') });
    expect([...reader.walk()]).toHaveLength(names.length);
    expect(reader.find('/./f').nid).toBe(nidOf('file'));
  });

  it('keeps one that it has after all', () => {
    const reader = readerOf(['.', '..', 'f'], DOT_OMITTED);
    expect([...reader.entries(reader.root())].map(({ name }) => name)).toEqual(['.', '..', 'f']);
  });

  it('must not, without the flag', () => {
    expect(() => [...readerOf(['..', 'f']).walk()]).toThrow(/lacks '.' or '..'/);
  });
});

describe('features', () => {
  it('have the names that dump.erofs gives them', () => {
    const names = featuresOf(0x3f, 0x1ff).map(({ name }) => name);
    expect(names.join(' ')).toBe(
      'sb_csum mtime xattr_filter shared_ea_in_metabox plain_xattr_pfx ishare_xattrs ' +
        'lz4_0padding compr_cfgs big_pcluster chunked_file device_table compr_head2 ' +
        'ztailpacking fragments dedupe xattr_prefixes 48bit metabox',
    );
  });

  it('that nobody knows have numbers', () => {
    expect(featuresOf(0x8000_0001, 0x200).map(({ name }) => name)).toEqual([
      'sb_csum',
      '0x80000000',
      '0x200',
    ]);
    expect(unknownFeatures(0x1ff)).toEqual([]);
    expect(unknownFeatures(0xffff_ffff)).toHaveLength(23);
  });
});
