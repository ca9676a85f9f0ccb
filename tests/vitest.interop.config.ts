import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, so that it does not go on alone at the end. */
const first = ['interop/sound.test.ts', 'cluster/telephones.test.ts'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => first.some((name) => moduleId.endsWith(name));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

const root = fileURLToPath(new URL('..', import.meta.url));
const table = 'tests/interop/telephone-table.test.ts';
const shared = { root, pool: 'forks', testTimeout: 120_000, hookTimeout: 120_000 } as const;

/**
 * Other people's clients against the assembled suite, and several processes of it. They measure sound and time, and wait most of
 * the time: two files at once leave a core idle. The table of what was shown comes after all that shows something.
 */
export default defineConfig({
  root,
  test: {
    // Here and not in the projects: one server and one folder of rows for both.
    globalSetup: ['core/testing/global-setup.ts', 'tests/testing/telephone-rows-setup.ts'],
    sequence: { sequencer: LongestFirst },
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
