/** What the page of `inspect --html` is made of: its script in one file, with the licences of what is in it, and its style. */

import { readFileSync } from 'node:fs';
import { licenseTexts } from './licenses.mjs';

const STYLE = new URL('../page/style.css', import.meta.url);

/** @returns {import('rolldown').Plugin} */
function pageFiles() {
  return {
    name: 'page-files',
    generateBundle(_, bundle) {
      this.emitFile({ type: 'asset', fileName: 'page.css', source: readFileSync(STYLE, 'utf8') });
      // Whoever passes a page on passes on what is in it.
      const texts = licenseTexts([...this.getModuleIds()]);
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') file.code = `/*\n${texts}*/\n${file.code}`;
      }
    },
  };
}

/** @type {import('rolldown').RolldownOptions} */
export const page = {
  input: { page: 'page/main.ts' },
  platform: 'browser',
  plugins: [pageFiles()],
  output: { dir: 'dist', format: 'iife', entryFileNames: '[name].js', minify: true },
};
