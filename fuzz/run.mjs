/** `npm run fuzz`: compiles the sources as they are and gives odd input to them; what it does stands in fuzz/README.md. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';

const folder = compile();
process.setSourceMapsEnabled(true);
const { main } = await import(join(folder, 'fuzz/main.js'));
process.exitCode = await main(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url)));
