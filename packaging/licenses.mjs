/** A plugin that adds the licences of all packages in the bundle to it. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'THIRD-PARTY-LICENSES.txt';

/** @returns {import('rolldown').Plugin} */
export function licenses() {
  return {
    name: 'licenses',
    generateBundle() {
      const source = licenseTexts([...this.getModuleIds()]);
      this.emitFile({ type: 'asset', fileName: FILE, source });
    },
  };
}

/**
 * The licences of all packages that have some of these modules.
 * @param {readonly string[]} ids
 */
export function licenseTexts(ids) {
  return [...new Set(ids.flatMap(packageFolder))].sort().map(describe).join('\n');
}

/** @param {string} id */
function packageFolder(id) {
  return id.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/) ?? [];
}

/** @param {string} folder */
function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} comes without a licence`);
  return `${name} ${version}, ${license}\n\n${readFileSync(join(folder, file), 'utf8')}`;
}
