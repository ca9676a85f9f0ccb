import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { everyRun } from './vitest.shared.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/**
 * Where sound and calls are. Screens keep the processors busy, which what is heard must not share; a file with calls is busy for
 * one core and waits until it hears what it expects, so two of them go on together. Their administration is screens as any other.
 */
const sound = globSync(
  ['tests/e2e/**/*.test.ts', 'modules/{calls,meetings}/{server,web}/**/*.browser.test.{ts,tsx}'],
  {
    cwd: root,
    exclude: ['modules/*/web/admin', 'tests/e2e/*.browser.test.ts'],
  },
);
const neverOurs = ['**/node_modules/**', '**/dist/**'];

const shared = {
  ...everyRun,
  root,
  // The pages as people get them, built by the launcher before the tests; a build inside a test would be React's slow one.
  env: {
    LIAISON_TEST_APP:
      process.env.LIAISON_TEST_APP ?? fileURLToPath(new URL('../apps/web/dist', import.meta.url)),
  },
  testTimeout: 120_000,
  hookTimeout: 120_000,
} as const;

/** The screens in a real browser on the real server: `tests/e2e`, and `*.browser.test.ts` beside what they test. */
export default defineConfig({
  root,
  test: {
    // Here and not in the projects: one server for both.
    globalSetup: ['core/testing/global-setup.ts'],
    projects: [
      {
        root,
        test: {
          ...shared,
          name: 'screens',
          include: ['{apps,core,ui,modules,engines,tests}/**/*.browser.test.{ts,tsx}'],
          exclude: [...neverOurs, ...sound],
          // A page waits for its server and the server for its page: one file leaves half of two cores idle.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        root,
        test: {
          ...shared,
          name: 'sound',
          include: sound,
          exclude: neverOurs,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
