import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import type { VitestReport } from './vitest-report.ts';

/**
 * Writes what `readVitestReport` reads to the file that REPORT names. Vitest's own JSON says nothing of a hook that failed around a group of
 * tests, and that is where other people's programs are started.
 */
export default class WritingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message: string }[]): void {
    const file = process.env.REPORT;
    if (file === undefined) throw new Error('REPORT names no file for the report');
    const report: VitestReport = { tests: [], outside: [] };
    for (const module of modules) {
      const path = module.moduleId;
      const keep = (name: string, errors: readonly { message: string }[]) =>
        report.outside.push(...errors.map(({ message }) => ({ path, name, message })));
      keep('', module.errors());
      for (const suite of module.children.allSuites()) keep(suite.fullName, suite.errors());
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        const durationMs = test.diagnostic()?.duration ?? 0;
        report.tests.push({
          path,
          name: test.fullName,
          state,
          durationMs,
          error: errors?.[0]?.message ?? '',
        });
      }
    }
    for (const { message } of unhandled) report.outside.push({ path: '', name: '', message });
    writeFileSync(file, JSON.stringify(report));
  }
}
