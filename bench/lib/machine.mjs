/** What the numbers were measured on and with. */

import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

/**
 * @param {import('./peers.mjs').Peers} peers
 */
export async function describeMachine({ versions }) {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    versions: {
      'erofs-wasm': `${JSON.parse(manifest).version}${await commit()}`,
      node: process.version,
      ...versions,
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof describeMachine>>} Machine */

async function commit() {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const name = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd }).catch(() => '');
  const sources = ['../../src', '../../assembly'];
  const status = ['status', '--porcelain', ...sources];
  const changes = await run('git', status, { cwd }).catch(() => '');
  return name === '' ? '' : ` (${name.trim()}${changes === '' ? '' : ' and changes'})`;
}
