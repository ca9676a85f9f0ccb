import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The image, and what runs it: real Docker engines. Two files at once: each waits for its own engines most of the time. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['tests/site/**/*.test.ts'],
    pool: 'forks',
    // Vitest's own second is soon over on a busy machine. What must be quick says so at its place.
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: 2,
    testTimeout: 300_000,
    // Where nothing is kept from an earlier run, Debian comes from its mirror and every package from the registry.
    hookTimeout: 900_000,
  },
});
