import { type Finding, reportFindings, sortFindings } from './source/finding.ts';
import { readTree, type SourceTree } from './source/tree.ts';

/**
 * Modules without a test of several processes, each with its reason. It holds as long as nothing of the module lives in a
 * process: one that claims or answers for other processes is not excused.
 */
const WITHOUT: Readonly<Record<string, string>> = {};

const STAGE = 'tests/cluster';
const LIVES_IN_A_PROCESS = /\b(?:owned\.claim|bus\.(?:subscribe|respond))\(/;

/**
 * Rule: what each module promises holds when its people are at different processes. `tests/cluster/<module>.ts` shows it, on
 * the stage that a test file of that folder gives it: two processes, NATS and PostgreSQL.
 */
export function checkClusterTests(
  tree: SourceTree,
  without: Readonly<Record<string, string>> = WITHOUT,
): Finding[] {
  const stages = tree.paths.filter((path) => new RegExp(`^${STAGE}/[^/]+\\.test\\.ts$`).test(path));
  const staged = new Set(
    stages.flatMap((path) =>
      tree
        .syntax(path)
        .imports.filter(({ typeOnly }) => !typeOnly)
        .map(({ specifier }) => specifier),
    ),
  );
  const findings: Finding[] = [];
  for (const { layer, folder, shortName } of tree.workspaces) {
    if (layer !== 'modules' || !tree.has(`${folder}/server/index.ts`)) continue;
    const file = `${STAGE}/${shortName}.ts`;
    const found = (place: string, what: string, mend: string): void =>
      void findings.push({
        file: place,
        line: 0,
        what,
        why: 'what is only shown in one process breaks when a second one is started',
        mend,
      });
    const isThere = tree.has(file);
    if (shortName in without) {
      if (isThere)
        found(
          file,
          'is there, and the module is excused',
          'take it from the list in tools/check-cluster-tests.ts',
        );
      const state = tree.paths.find(
        (path) =>
          path.startsWith(`${folder}/server/`) &&
          !/\.test\.ts$/.test(path) &&
          LIVES_IN_A_PROCESS.test(tree.text(path)),
      );
      if (state)
        found(
          state,
          'answers other processes, and the module is excused',
          `write ${file}, and take it from the list`,
        );
    } else if (!isThere) {
      found(folder, `has no ${file}`, 'write there what people at two processes see of each other');
    } else if (!/\btest(?:\.each)?\(/.test(tree.text(file))) {
      found(file, 'has no test', 'write what people at two processes see of each other');
    } else if (!staged.has(`./${shortName}.ts`)) {
      found(file, `is on no stage`, `import it in ${STAGE}/modules.test.ts`);
    }
  }
  return sortFindings(findings);
}

if (import.meta.main) reportFindings('cluster tests', checkClusterTests(readTree(process.cwd())));
