import { checkDependencies } from './boundaries/dependencies.ts';
import { checkLayers } from './boundaries/layers.ts';
import { checkNames } from './boundaries/names.ts';
import { checkReach } from './boundaries/reach.ts';
import { checkSchemas } from './boundaries/schemas.ts';
import { checkShape } from './boundaries/shape.ts';
import { type Finding, reportFindings, sortFindings } from './source/finding.ts';
import { isCode, readTree, type SourceTree } from './source/tree.ts';

/** The rules of the layout: who may import whom, what each side loads, what is declared, how parts look. */
export function checkBoundaries(tree: SourceTree): Finding[] {
  return sortFindings([
    ...checkSyntax(tree),
    ...checkLayers(tree),
    ...checkReach(tree),
    ...checkDependencies(tree),
    ...checkShape(tree),
    ...checkNames(tree),
    ...checkSchemas(tree),
  ]);
}

/** A file that does not parse hides its imports from every other rule, so it is itself a finding. */
function checkSyntax(tree: SourceTree): Finding[] {
  return tree.paths.filter(isCode).flatMap((path) =>
    tree.syntax(path).errors.map(({ line, message }) => ({
      file: path,
      line,
      what: `does not parse: ${message}`,
      why: 'nothing can be checked in it',
      mend: 'mend the syntax',
    })),
  );
}

if (import.meta.main) reportFindings('boundaries', checkBoundaries(readTree(process.cwd())));
