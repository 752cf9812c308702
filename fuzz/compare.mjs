/** `node fuzz/compare.mjs`: damaged images through `check`, `fsck.erofs` and the kernel; see fuzz/README.md. */

import { join } from 'node:path';
import { compile } from './compile.mjs';

const folder = compile();
process.setSourceMapsEnabled(true);
const { main } = await import(join(folder, 'fuzz/compare/main.js'));
process.exitCode = await main(process.argv.slice(2));
