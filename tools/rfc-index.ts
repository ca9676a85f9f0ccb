import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Listed, type Protocols, readProtocols } from './protocols/citations.ts';
import { type Finding, reportFindings, sortFindings } from './source/finding.ts';
import { isTest, readTree, type SourceTree } from './source/tree.ts';

const PAGE = 'docs/protocols.md';

/** Joins what the code cites with what the engines say they implement, and compares the page made from both. */
export function checkProtocols(tree: SourceTree): Finding[] {
  const protocols = readProtocols(tree);
  const findings: Finding[] = protocols.unreadable.map(({ file, line, text }) => ({
    file,
    line,
    what: `has the line '${text.slice(0, 60)}'`,
    why: 'the page of protocols is made from this list',
    mend: "write 'NUMBER Title', one RFC a line, comments after #",
  }));
  const listed = new Map(protocols.listed.map((entry) => [entry.rfc, entry]));
  const cited = new Set(protocols.citations.map(({ rfc }) => rfc));
  const reported = new Set<number>();
  for (const { rfc, file, line } of protocols.citations) {
    if (listed.has(rfc) || reported.has(rfc)) continue;
    reported.add(rfc);
    findings.push({
      file,
      line,
      what: `cites RFC ${rfc}, which no rfcs.txt lists`,
      why: 'a reader of the list must find every protocol that the code obeys',
      mend: `add '${rfc} Title' to the rfcs.txt of the workspace that implements it`,
    });
  }
  for (const { rfc, file, line } of protocols.listed) {
    if (cited.has(rfc)) continue;
    findings.push({
      file,
      line,
      what: `lists RFC ${rfc}, which no code cites`,
      why: 'the list says what is implemented, and the citation shows where',
      mend: `cite 'RFC ${rfc} §…' on the lines that obey it, or take it off the list`,
    });
  }
  if (findings.length === 0 && (tree.has(PAGE) ? tree.text(PAGE) : '') !== protocolsPage(protocols)) {
    findings.push({
      file: PAGE,
      line: 0,
      what: 'is stale',
      why: 'it is made from the code and must say what the code says',
      mend: 'npm run protocols',
    });
  }
  return sortFindings(findings);
}

/** The page, in Markdown: per RFC where each section is obeyed, what is missing, and where we do otherwise. */
export function protocolsPage({ citations, notes, listed }: Protocols): string {
  const lines = [
    '# Protocols',
    '',
    'Made by `tools/rfc-index.ts` from the citations in the code and the `rfcs.txt` of each workspace; do not edit.',
    '',
  ];
  const byNumber = new Map<number, Listed[]>();
  for (const entry of listed) byNumber.set(entry.rfc, [...(byNumber.get(entry.rfc) ?? []), entry]);
  const numbers = [...byNumber.keys()].sort((a, b) => a - b);

  lines.push(
    '| RFC | title | implemented in | sections cited | gaps | departures |',
    '|---|---|---|---|---|---|',
  );
  for (const rfc of numbers) {
    const of = <T extends { rfc: number }>(entries: readonly T[]): T[] =>
      entries.filter((entry) => entry.rfc === rfc);
    const sections = new Set(of(citations).map(({ section }) => section ?? ''));
    sections.delete('');
    const places = (byNumber.get(rfc) ?? []).map(({ file }) => file.replace('/rfcs.txt', '')).join(', ');
    const count = (kind: string): number => of(notes).filter((note) => note.kind === kind).length;
    lines.push(
      `| [${rfc}](#rfc-${rfc}) | ${byNumber.get(rfc)?.[0]?.title ?? ''} | ${places} | ${sections.size} | ${count('gap')} | ${count('departure')} |`,
    );
  }

  for (const rfc of numbers) {
    lines.push('', `## RFC ${rfc}`, '', `${byNumber.get(rfc)?.[0]?.title ?? ''}.`, '');
    const places = new Map<string, Set<string>>();
    for (const citation of citations) {
      if (citation.rfc !== rfc) continue;
      const files = places.get(citation.section ?? '') ?? new Set();
      files.add(citation.file);
      places.set(citation.section ?? '', files);
    }
    for (const section of [...places.keys()].sort(bySection)) {
      const files = [...(places.get(section) ?? [])].sort();
      const code = files.filter((file) => !isTest(file));
      const shown = (code.length > 0 ? code : files).map((file) => `\`${file}\``).join(', ');
      const tested = code.length > 0 && code.length < files.length ? ', tested' : '';
      lines.push(`- ${section === '' ? 'as a whole' : `§${section}`}: ${shown}${tested}`);
    }
    for (const [kind, title] of [
      ['gap', 'Not done yet'],
      ['departure', 'Departures'],
    ] as const) {
      const found = notes.filter((note) => note.rfc === rfc && note.kind === kind);
      if (found.length === 0) continue;
      lines.push('', `${title}:`, '');
      for (const { section, text, file } of found) {
        lines.push(`- ${section === undefined ? '' : `§${section}: `}${text} (\`${file}\`)`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Sections in the order of the document: §9 before §10, appendices last. */
function bySection(a: string, b: string): number {
  const key = (section: string): string =>
    section
      .split('.')
      .map((part) => (/^\d+$/.test(part) ? part.padStart(4, '0') : `~${part}`))
      .join('.');
  return key(a) < key(b) ? -1 : 1;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
  const root = resolve(import.meta.dirname, '..');
  if (!values.check) {
    mkdirSync(join(root, 'docs'), { recursive: true });
    writeFileSync(join(root, PAGE), protocolsPage(readProtocols(readTree(root))));
  }
  reportFindings('protocols', checkProtocols(readTree(root)));
}
