import { checkSyntaxRules } from './conventions/syntax-rules.ts';
import { checkTexts } from './conventions/texts.ts';
import { type Finding, reportFindings, sortFindings } from './source/finding.ts';
import { readTree, type SourceTree } from './source/tree.ts';

/** House rules that no linter knows: the language we use, and what stands in no file. */
export function checkConventions(tree: SourceTree): Finding[] {
  return sortFindings([...checkSyntaxRules(tree), ...checkTexts(tree)]);
}

if (import.meta.main) reportFindings('conventions', checkConventions(readTree(process.cwd())));
