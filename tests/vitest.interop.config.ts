import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Other people's clients against the assembled suite, and several processes of it. One at a time: they measure sound and time. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['tests/{cluster,interop}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['core/testing/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
