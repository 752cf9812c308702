/** What the suite of memory found, as a table and sentences. */

import { table } from '../lib/table.mjs';
import { mebibytes, seconds } from '../lib/units.mjs';

/** Peaks differ by a tenth from run to run, as garbage is collected when V8 likes; more than this is no flat line. */
const FLAT = 1.25;

/** @param {import('./memory.mjs').MemoryResult} result */
export function memoryText({ image, courses }) {
  const [fast] = courses;
  const header = [image, 'time', 'CPU', 'peak memory', 'against the fast run', 'image'];
  const rows = courses.map((course) => {
    if (course.failure !== undefined) return [nameOf(course), 'failed', '', '', '', ''];
    const { seconds: time = 0, cpu = 0, peak = 0, check = '' } = course;
    const isSlow =
      course.ours && course !== fast && course.check !== undefined && isOfImage(course);
    const ratio = isSlow && fast.peak !== undefined ? (peak / fast.peak).toFixed(2) : '';
    return [nameOf(course), seconds(time), seconds(cpu), mebibytes(peak), ratio, check];
  });
  const lines = courses.flatMap(({ name, failure, cannot }) => {
    if (failure === undefined) return [];
    return [`- ${name} ${cannot ? 'cannot be done here' : 'failed'}: ${failure}`];
  });
  return [table(header, rows), [...flatLines(courses), ...lines].join('\n')].join('\n\n').trim();
}

/** @param {import('./memory.mjs').Course} course */
function nameOf({ name, ours }) {
  return ours ? `erofs-wasm build, ${name}` : name;
}

/** @param {import('./memory.mjs').Course} course */
function isOfImage({ name }) {
  return name.startsWith('slow ');
}

/** @param {readonly import('./memory.mjs').Course[]} courses */
function flatLines([fast, ...others]) {
  if (fast?.peak === undefined) return [];
  const slow = others.filter((course) => isOfImage(course) && course.peak !== undefined);
  const steep = slow.filter(({ peak = 0 }) => peak > (fast.peak ?? 0) * FLAT);
  if (slow.length === 0) return [];
  if (steep.length > 0) return steep.map(({ name }) => `- ${name}: memory is **not flat**`);
  return [`- memory stays flat: ${slow.map(({ name }) => name).join('; ')}`];
}
