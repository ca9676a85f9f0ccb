import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { everyRun, longestFirst } from './vitest.shared.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const table = 'tests/interop/telephone-table.test.ts';
const shared = {
  ...everyRun,
  root,
  testTimeout: 120_000,
  hookTimeout: 120_000,
} as const;

/**
 * Other people's clients against the assembled suite, and several processes of it. They measure sound and time, and wait most of
 * the time: two files at once leave a core idle. The table of what was shown comes after all that shows something.
 */
export default defineConfig({
  root,
  test: {
    // Here and not in the projects: one server and one folder of rows for both.
    globalSetup: ['core/testing/global-setup.ts', 'tests/testing/telephone-rows-setup.ts'],
    sequence: { sequencer: longestFirst('interop/sound.test.ts', 'cluster/telephones.test.ts') },
    projects: [
      {
        root,
        test: {
          ...shared,
          name: 'clients',
          include: ['tests/{cluster,interop}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', table],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        root,
        test: { ...shared, name: 'table', include: [table], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
