import { defineConfig } from 'vitest/config';

/**
 * Units and modules: every `*.test.ts` beside what it tests, and the assembled suite over HTTP (`tests/`). What needs a
 * browser (`*.browser.test.ts`, `tests/e2e`) or other people's clients (`tests/interop`) has a config in `tests/`.
 */
export default defineConfig({
  test: {
    include: ['{apps,core,ui,modules,engines,tools,tests}/**/*.test.{ts,tsx}'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      '**/*.browser.test.{ts,tsx}',
      'tests/{e2e,interop,load}/**',
    ],
    globalSetup: ['core/testing/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
