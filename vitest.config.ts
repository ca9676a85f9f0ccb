import { defineConfig } from 'vitest/config';

/** Units and modules: every `*.test.ts` beside what it tests. Browser and interop tests have a config in `tests/`. */
export default defineConfig({
  test: {
    include: ['{apps,core,ui,modules,engines,tools}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
