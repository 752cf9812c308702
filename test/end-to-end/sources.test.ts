/** One image in every form it can come in: the same tree, whatever it was packed in. */

import { beforeAll, expect, it } from 'vitest';
import { CHECK_NEEDS, checkImage } from '../support/check-image.ts';
import { CORPUS_NEEDS, type CorpusImage, expectedTree, smallImage } from '../support/corpus.ts';
import { loadLibrary } from '../support/library.ts';
import { copyImage } from '../support/skopeo.ts';
import { describeWith, run } from '../support/tools.ts';
import type { Tree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const NEEDS = {
  tools: ['skopeo', ...CORPUS_NEEDS.tools, ...CHECK_NEEDS.tools],
  root: true,
};

describeWith(NEEDS, 'an image of every kind of entry', () => {
  const path = useWorkFolder();
  let image: CorpusImage;
  let expected: Tree;

  beforeAll(async () => {
    image = await smallImage();
    expected = await expectedTree(image);
    expect(expected.size).toBeGreaterThan(3_000);
  });

  const buildAndCheck = async (source: string, options: { blockSize?: number } = {}) => {
    const { build } = await loadLibrary();
    const output = path('image.erofs');
    await build({ source, output, ...options });
    await checkImage(output, expected, options.blockSize);
  };

  it('comes from an OCI layout', () => buildAndCheck(`oci:${image.layout}`));

  it('comes from a tag in an OCI layout', () => buildAndCheck(`oci:${image.layout}:latest`));

  it.each([
    ['oci-archive', 'oci-archive:', ':team/image:tag'],
    ['docker-archive', 'docker-archive:', ':team/image:tag'],
  ])('comes from an archive (%s)', async (name, transport, reference) => {
    const archive = path(`${name}.tar`);
    await copyImage(`oci:${image.layout}:latest`, `${transport}${archive}${reference}`);
    await buildAndCheck(`${transport}${archive}`);
  });

  it('comes from layers packed with zstd', async () => {
    const plain = `dir:${path('plain')}`;
    const packed = path('zstd');
    await copyImage(`oci:${image.layout}:latest`, plain, ['--dest-decompress']);
    await copyImage(plain, `oci:${packed}:latest`, [
      '--dest-compress',
      '--dest-compress-format=zstd',
    ]);
    const manifest = await run('skopeo', ['inspect', '--raw', `oci:${packed}:latest`]);
    expect(manifest.stdout.toString()).toContain('tar+zstd');
    await buildAndCheck(`oci:${packed}`);
  });

  it('comes from layers that are not packed', async () => {
    const plain = path('unpacked');
    await copyImage(`oci:${image.layout}:latest`, `dir:${plain}-dir`, ['--dest-decompress']);
    const accept = ['--dest-oci-accept-uncompressed-layers'];
    await copyImage(`dir:${plain}-dir`, `oci:${plain}:latest`, accept);
    const manifest = await run('skopeo', ['inspect', '--raw', `oci:${plain}:latest`]);
    expect(manifest.stdout.toString()).not.toContain('gzip');
    await buildAndCheck(`oci:${plain}`);
  });

  it.each([512, 1024, 2048, 8192, 65536])(
    'comes out right with blocks of %i bytes',
    async (blockSize) => {
      await buildAndCheck(`oci:${image.layout}`, { blockSize });
    },
  );
});
