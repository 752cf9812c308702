/** Resident memory of a pipe of commands over time, of all of its processes together. */

import { readFileSync } from 'node:fs';

const INTERVAL_MS = 50;
/** More points of a curve than that are no more to see. */
const POINTS = 300;
/** What runs the commands and is none of them. */
const WRAPPERS = new Set(['bash', 'time']);
/** Where the auxiliary vector of a process has the size of a page (Linux, include/uapi/linux/auxvec.h). */
const AT_PAGESZ = 6n;

/** @typedef {[seconds: number, bytes: number][]} Curve */

/**
 * Watches a process and all below it until `stop` is called.
 * @param {number} pid
 * @param {string} [ignored] what the command lines have in them of processes that do not count
 * @returns {{ stop: () => Curve }}
 */
export function watchMemory(pid, ignored) {
  const pageSize = readPageSize();
  const start = performance.now();
  /** @type {Curve} */
  const curve = [];
  const look = () => {
    const pages = descendants(pid).reduce((sum, each) => sum + residentPages(each, ignored), 0);
    curve.push([(performance.now() - start) / 1000, pages * pageSize]);
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      // The last look may find that all is over.
      while (curve.at(-1)?.[1] === 0) curve.pop();
      return thinned(curve);
    },
  };
}

/**
 * The highest of each stretch, so that no peak is lost.
 * @param {Curve} curve
 * @returns {Curve}
 */
function thinned(curve) {
  const stretch = Math.ceil(curve.length / POINTS);
  /** @type {Curve} */
  const points = [];
  for (let at = 0; at < curve.length; at += stretch) {
    const part = curve.slice(at, at + stretch);
    const [time, bytes] = part.reduce((best, one) => (one[1] > best[1] ? one : best));
    points.push([Number(time.toFixed(2)), bytes]);
  }
  return points;
}

/**
 * @param {number} pid
 * @returns {number[]}
 */
function descendants(pid) {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(descendants)];
}

/**
 * 0 of a process that is gone, only wraps another, or does not count.
 * @param {number} pid
 * @param {string | undefined} ignored
 */
function residentPages(pid, ignored) {
  if (WRAPPERS.has(read(`/proc/${pid}/comm`).trim())) return 0;
  if (ignored !== undefined && read(`/proc/${pid}/cmdline`).includes(ignored)) return 0;
  return Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0);
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function readPageSize() {
  const pairs = new BigUint64Array(new Uint8Array(readFileSync('/proc/self/auxv')).buffer);
  const at = pairs.findIndex((key, index) => index % 2 === 0 && key === AT_PAGESZ);
  return Number(pairs[at + 1]);
}
