import { defineConfig } from 'vitest/config';
import { everyRun, longestFirst } from './tests/vitest.shared.ts';

const outside = [
  '**/node_modules/**',
  '**/dist/**',
  '**/*.browser.test.{ts,tsx}',
  'tests/{cluster,e2e,interop,load,site}/**',
];

/**
 * Units and modules: every `*.test.ts` beside what it tests, and the assembled suite over HTTP (`tests/`). What needs a
 * browser (`*.browser.test.ts`, `tests/e2e`) or other people's clients or several processes (`tests/interop`, `tests/cluster`) or a Docker engine (`tests/site`) has a config in `tests/`.
 */
export default defineConfig({
  test: {
    ...everyRun,
    // One more than the cores that CI has: half of the time a file waits, for a process, a socket or a timer.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    sequence: {
      sequencer: longestFirst(
        'tests/start.test.ts',
        'core/owned/owned.test.ts',
        'tests/routes.test.ts',
        'core/backup/keeper.test.ts',
        'core/postgres/embedded.test.ts',
        'tests/hostile.test.ts',
        'apps/cli/main.test.ts',
        'tests/commands.test.ts',
        'core/postgres/backup.test.ts',
        'core/backup/base.test.ts',
        'media/media-pool.test.ts',
        'tools/new-module.test.ts',
      ),
    },
    projects: [
      {
        extends: true,
        test: { name: 'engines', include: ['{ui,engines,tools}/**/*.test.{ts,tsx}'], exclude: outside },
      },
      {
        extends: true,
        test: {
          name: 'on PostgreSQL',
          include: ['{apps,core,modules,tests}/**/*.test.{ts,tsx}'],
          exclude: outside,
          // One server for all of these files; it is started only when one of them is to run.
          globalSetup: ['core/testing/global-setup.ts'],
        },
      },
    ],
  },
});
