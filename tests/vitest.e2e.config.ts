import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The screens in a real browser on the real server: `tests/e2e`, and `*.browser.test.ts` beside what they test. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['tests/e2e/**/*.test.ts', '{apps,core,ui,modules,engines}/**/*.browser.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['core/testing/global-setup.ts'],
    // The pages as people get them, built by the launcher before the tests; a build inside a test would be React's slow one.
    env: {
      LIAISON_TEST_APP:
        process.env.LIAISON_TEST_APP ?? fileURLToPath(new URL('../apps/web/dist', import.meta.url)),
    },
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
