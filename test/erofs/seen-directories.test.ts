/** A walk remembers as many directories as can be, and says so where there are more. */

import { expect, it } from 'vitest';
import { SeenDirectories } from '../../src/erofs/seen-directories.ts';

const directory = (path: string, nid: number) => ({ path, inode: { nid } });
const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

it('says where a directory is for the second time', () => {
  const seen = new SeenDirectories();
  seen.add(directory('/', 2 ** 52));
  seen.add(directory('/a', 7));
  expect(() => seen.add(directory('/a/\xff', 2 ** 52))).toThrow(
    failure('E_IMAGE', /in two places \(\/a\/\\xff\)/),
  );
});

it('ends in a limit where there are more directories than can be remembered', () => {
  const seen = new SeenDirectories(2);
  seen.add(directory('/', 1));
  seen.add(directory('/a', 2));
  expect(() => seen.add(directory('/b', 2))).toThrow(failure('E_IMAGE', /in two places/));
  expect(() => seen.add(directory('/c', 3))).toThrow(
    failure('E_LIMIT', /more than 2 directories \(\/c\); look at one part/),
  );
});
