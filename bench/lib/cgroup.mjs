/** Less processor time, or a slower disk, for a command: control groups, of either version of the kernel's interface. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onInterrupt } from './interrupt.mjs';

const ROOT = '/sys/fs/cgroup';
const PERIOD_MICROSECONDS = 100_000;

/**
 * @typedef {object} Limits
 * @property {number} [cores] processor time a second, in seconds
 * @property {{ device: string, bytesPerSecond: number }} [write] `device` as `major:minor`
 */

/**
 * Where a limit is set: the folder of its controller, the file and what goes into it.
 * @typedef {{ controller: string, file: string, value: string }} Setting
 */

/**
 * Runs `use` with what has to stand before a command for the limits to hold. Throws where there are no control groups
 * that can be set.
 * @template T
 * @param {Limits} limits
 * @param {(enter: string[]) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withLimits(limits, use) {
  const unified = existsSync(join(ROOT, 'cgroup.controllers'));
  const settings = unified ? unifiedSettings(limits) : legacySettings(limits);
  /** @type {string[]} */
  const groups = [];
  // A process that was killed takes a moment to leave its group.
  const script =
    'for group; do for i in 1 2 3 4 5; do rmdir "$group" && break; sleep 0.2; done; done';
  const done = onInterrupt(() => spawnSync('bash', ['-c', script, 'bash', ...groups]));
  try {
    for (const { controller, file, value } of settings) {
      const parent = unified ? ROOT : join(ROOT, controller);
      if (unified) await enable(parent, controller);
      const group = join(parent, `erofs-wasm-bench-${process.pid}`);
      await mkdir(group, { recursive: true });
      if (!groups.includes(group)) groups.push(group);
      await writeFile(join(group, file), value);
    }
    const enter = 'for group in $0; do echo $$ > "$group/cgroup.procs"; done; exec "$@"';
    return await use(['bash', '-c', enter, groups.join(' ')]);
  } finally {
    done();
    for (const group of groups) await rmdir(group).catch(() => undefined);
  }
}

/**
 * Linux, Documentation/admin-guide/cgroup-v2.rst
 * @param {Limits} limits
 * @returns {Setting[]}
 */
function unifiedSettings({ cores, write }) {
  const quota = Math.round((cores ?? 0) * PERIOD_MICROSECONDS);
  const speed = `${write?.device} wbps=${write?.bytesPerSecond}`;
  return [
    ...(cores
      ? [{ controller: 'cpu', file: 'cpu.max', value: `${quota} ${PERIOD_MICROSECONDS}` }]
      : []),
    ...(write ? [{ controller: 'io', file: 'io.max', value: speed }] : []),
  ];
}

/**
 * Linux, Documentation/admin-guide/cgroup-v1/blkio-controller.rst and Documentation/scheduler/sched-bwc.rst
 * @param {Limits} limits
 * @returns {Setting[]}
 */
function legacySettings({ cores, write }) {
  const quota = `${Math.round((cores ?? 0) * PERIOD_MICROSECONDS)}`;
  const speed = `${write?.device} ${write?.bytesPerSecond}`;
  return [
    ...(cores ? [{ controller: 'cpu', file: 'cpu.cfs_quota_us', value: quota }] : []),
    ...(write
      ? [{ controller: 'blkio', file: 'blkio.throttle.write_bps_device', value: speed }]
      : []),
  ];
}

/**
 * @param {string} parent
 * @param {string} controller
 */
async function enable(parent, controller) {
  const file = join(parent, 'cgroup.subtree_control');
  const enabled = (await readFile(file, 'utf8')).split(/\s+/);
  if (!enabled.includes(controller)) await writeFile(file, `+${controller}`);
}
