import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** As usual, but the table of what was shown after all that shows something. */
class TableLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isTable = (file: TestSpecification) => file.moduleId.endsWith('/telephone-table.test.ts');
    const sorted = await super.sort(files);
    return [...sorted.filter((file) => !isTable(file)), ...sorted.filter(isTable)];
  }
}

/** Other people's clients against the assembled suite, and several processes of it. One at a time: they measure sound and time. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['tests/{cluster,interop}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['core/testing/global-setup.ts', 'tests/testing/telephone-rows-setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    sequence: { sequencer: TableLast },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
