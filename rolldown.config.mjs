/**
 * The package's entries in few files: loading two hundred modules takes longer than building a small image. Only piscina
 * stays outside, which starts its threads from a file of its own.
 */

import { fileURLToPath } from 'node:url';
import { licenses } from './packaging/licenses.mjs';
import { page } from './packaging/page.mjs';

const UNDICI = fileURLToPath(new URL('packaging/undici.mjs', import.meta.url));

/** @type {import('rolldown').RolldownOptions} */
const library = {
  input: {
    index: 'src/index.ts',
    'cli/main': 'src/cli/main.ts',
    'pool/worker': 'src/pool/worker.ts',
  },
  platform: 'node',
  external: ['piscina'],
  resolve: { alias: { undici$: UNDICI } },
  plugins: [licenses()],
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    // Less to read; names stay, for whoever reads a stack.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
};

export default [library, page];
