import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { everyRun } from './vitest.shared.ts';

/** The image, and what runs it: real Docker engines. Two files at once: each waits for its own engines most of the time. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    ...everyRun,
    include: ['tests/site/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 300_000,
    // Where nothing is kept from an earlier run, Debian comes from its mirror and every package from the registry.
    hookTimeout: 900_000,
  },
});
