/** Images in files: what is opened, what is refused, and how much memory that takes. */

import { truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FileBytes } from '../../src/image/file-bytes.ts';
import { checkImage, openImage } from '../../src/index.ts';
import { craftImage, DATA, padded, sample } from '../support/crafted-image.ts';
import { SAMPLES } from '../support/crafted-shapes.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const MIB = 1 << 20;
const HUGE = 3 * 1024 * MIB;

describe('openImage', () => {
  const path = useWorkFolder();

  it.each(Object.entries(SAMPLES))('reads %s', (_, { shape, content }) => {
    const file = path('image');
    writeFileSync(file, craftImage(shape));
    const image = openImage(file);
    try {
      const found = image.reader.find('f');
      expect(Buffer.compare(image.reader.content(found, content.length), content)).toBe(0);
    } finally {
      image.close();
      image.close();
    }
  });

  it('reads an image behind other bytes', () => {
    const { shape, content } = SAMPLES['a full index']!;
    const file = path('behind');
    writeFileSync(file, Buffer.concat([sample(777), craftImage(shape)]));
    const image = openImage(file, { offset: 777 });
    expect(image.reader.content(image.reader.find('f'), 2000)).toEqual(content);
    image.close();
    expect(() => openImage(file)).toThrow(expect.objectContaining({ code: 'E_IMAGE' }));
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses to begin at byte %s', async (offset) => {
    const error = expect.objectContaining({ code: 'E_USAGE' });
    expect(() => openImage(path('image'), { offset })).toThrow(error);
    await expect(checkImage(path('image'), { offset })).rejects.toThrow(error);
  });

  it('checks what it opens, behind other bytes as well', async () => {
    const { shape } = SAMPLES['a full index']!;
    const file = path('checked');
    writeFileSync(file, Buffer.concat([sample(777), craftImage(shape)]));
    const { inodes } = await checkImage(file, { offset: 777 });
    expect(inodes).toBe(2);
    const missing = { code: 'E_NOT_FOUND', place: path('none') };
    await expect(checkImage(file, { devices: [path('none')] })).rejects.toThrow(
      expect.objectContaining(missing),
    );
  });

  it('says where a file is missing or cannot be read', () => {
    const missing = { code: 'E_NOT_FOUND', place: path('none') };
    expect(() => openImage(path('none'))).toThrow(expect.objectContaining(missing));
    expect(() => openImage(path('image'), { devices: [path('none')] })).toThrow(
      expect.objectContaining(missing),
    );
    expect(() => openImage(path('.'))).toThrow(expect.objectContaining({ code: 'E_SOURCE' }));
  });

  it('takes no more memory for an image of gigabytes', () => {
    const file = path('huge');
    const shape = { file: { extended: { format: 1, size: HUGE, data: DATA } } };
    const blocks = HUGE / 512 + DATA;
    writeFileSync(file, craftImage({ ...shape, superblock: { blocks } }));
    truncateSync(file, blocks * 512);
    const image = openImage(file);
    let length = 0;
    let most = 0;
    const before = process.memoryUsage().rss;
    for (const piece of image.reader.pieces(image.reader.find('f'))) {
      length += piece.kind === 'data' ? piece.bytes.length : piece.length;
      if (length % (256 * MIB) === 0) most = Math.max(most, process.memoryUsage().rss - before);
    }
    image.close();
    expect(length).toBe(HUGE);
    expect(most).toBeLessThan(50 * MIB);
  });
});

describe('the bytes of a file', () => {
  const path = useWorkFolder();

  it('are right wherever and in whatever order they are read', () => {
    const whole = sample(3 * MIB);
    writeFileSync(path('bytes'), whole);
    const bytes = new FileBytes(path('bytes'));
    let state = 1;
    const below = (limit: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state % limit;
    };
    for (let i = 0; i < 20_000; i++) {
      const offset = below(whole.length + 5_000);
      const length = i % 50 === 0 ? below(MIB) : below(9_000);
      const expected = whole.subarray(offset, offset + length);
      if (Buffer.compare(bytes.read(offset, length), expected) !== 0) {
        throw new Error(`${length} bytes at ${offset}`);
      }
    }
    bytes.close();
  });

  it('may be none', () => {
    writeFileSync(path('none'), padded(new Uint8Array(0), 0));
    const bytes = new FileBytes(path('none'));
    expect(bytes.read(0, 10)).toHaveLength(0);
    expect(bytes.read(2 ** 40, MIB)).toHaveLength(0);
    bytes.close();
  });
});
