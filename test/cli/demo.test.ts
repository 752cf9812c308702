/** `npm run demo` without its build: it has to work wherever the tests do. */

import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { run } from '../support/tools.ts';

const DEMO = fileURLToPath(new URL('../../demo/demo.mjs', import.meta.url));

it('the demo shows what the README says', async () => {
  const { stdout, stderr } = await run(process.execPath, [DEMO]);
  const text = stdout.toString();
  expect(text).toContain('All of it is as the layers say.');
  expect(text).toMatch(/^\$ node \S*main\.js build localhost:\d+\/demo\/sample:latest -o \S+$/m);
  expect(stderr).toContain(': 3 layers, ');
});
