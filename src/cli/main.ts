#!/usr/bin/env node
/** The command's entry: this process's streams and arguments go in, its exit code comes out. */

import { runCommand } from './run.ts';

const code = await runCommand(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
// A standard input that nobody reads to its end (`tar:-`, a password) would keep the process alive.
process.exit(code);
