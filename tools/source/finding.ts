/** One thing that a check found: where, what is wrong, why it matters, and how to mend it. */
export interface Finding {
  /** Path from the root of the checkout, with `/`. */
  file: string;
  /** First line is 1; 0 where the whole file or folder is meant. */
  line: number;
  what: string;
  why: string;
  mend: string;
}

export function formatFinding({ file, line, what, why, mend }: Finding): string {
  return `${file}${line > 0 ? `:${line}` : ''} ${what} · ${why} · ${mend}`;
}

/** Sorted by place, each once: several rules may reach the same place by different ways. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const byText = new Map(findings.map((finding) => [formatFinding(finding), finding]));
  return [...byText.values()].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || (a.what < b.what ? -1 : 1),
  );
}

/** Prints what a check found and sets the exit status; for checks that are run alone. */
export function reportFindings(check: string, findings: readonly Finding[]): void {
  for (const finding of sortFindings(findings)) console.error(formatFinding(finding));
  console.log(findings.length === 0 ? `${check}: nothing found` : `${check}: ${findings.length} found`);
  if (findings.length > 0) process.exitCode = 1;
}
