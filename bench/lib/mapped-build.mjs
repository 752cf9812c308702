/** Our command once more, bundled in the same way but with source maps, so that a profile can name files of `src/`. */

import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import config from '../../rolldown.config.mjs';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @typedef {object} MappedBuild
 * @property {string} command path of the command's script
 * @property {(url: string, line: number, column: number) => string | undefined} sourceOf path of the source of a place
 *   in the bundle, relative to the package; counted from 0
 */

/**
 * A folder that is found from there has what stays outside of the bundle.
 * @param {string} folder inside the package, empty
 * @returns {Promise<MappedBuild>}
 */
export async function mappedBuild(folder) {
  const dist = join(folder, 'dist');
  await mkdir(dist, { recursive: true });
  await copyFile(join(PACKAGE, 'package.json'), join(folder, 'package.json'));
  for (const name of await readdir(join(PACKAGE, 'dist')))
    if (name.endsWith('.wasm')) await copyFile(join(PACKAGE, 'dist', name), join(dist, name));
  const own = /** @type {any[]} */ (config).find(({ input }) => input['cli/main'] !== undefined);
  const { output, ...input } = own;
  const bundle = await rolldown({ ...input, cwd: PACKAGE });
  const written = await bundle.write({ ...output, dir: dist, sourcemap: true });
  await bundle.close();
  const maps = new Map();
  for (const { fileName } of written.output) {
    if (!fileName.endsWith('.js.map')) continue;
    const file = join(dist, fileName.slice(0, -'.map'.length));
    const map = JSON.parse(await readFile(`${file}.map`, 'utf8'));
    maps.set(pathToFileURL(file).href, { folder: join(file, '..'), map: new SourceMap(map) });
  }
  return {
    command: join(dist, 'cli/main.js'),
    sourceOf: (url, line, column) => {
      const known = maps.get(url);
      const source = known?.map.findEntry(line, column).originalSource;
      return source === undefined ? undefined : relative(PACKAGE, resolve(known.folder, source));
    },
  };
}
