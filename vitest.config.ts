import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// The command keeps what it downloads: a test must neither find nor leave anything with the user.
process.env.XDG_CACHE_HOME = mkdtempSync(join(tmpdir(), 'erofs-wasm-cache-'));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/remove-cache.ts'],
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
