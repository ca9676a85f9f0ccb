import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The image, and what runs it: real Docker engines. They want the machine for themselves. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['tests/site/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 300_000,
    // Where nothing is kept from an earlier run, Debian comes from its mirror and every package from the registry.
    hookTimeout: 900_000,
  },
});
