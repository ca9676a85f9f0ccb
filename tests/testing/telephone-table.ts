import type { ShownRow } from './telephone-rows.ts';

/**
 * The table of docs/operations/telephones.md: written by `npm run telephones` from what the run has shown, and compared with
 * it by every other whole run, so that the page never promises what no test shows.
 */
const heading = [
  'client',
  'version',
  'transport',
  'codec',
  'encryption',
  'network',
  'sound',
  'also',
  'result',
  'shown by',
] as const;
/** Differs from machine to machine, so it is written and not compared. */
const versionAt = heading.indexOf('version');
const begin = '<!-- table: written by npm run telephones -->';
const end = '<!-- end of table -->';

const shownBy = (file: string): string => `\`${file.replace('tests/interop/', '').replace('.test.ts', '')}\``;

const cellsOf = (row: ShownRow): string[] =>
  [
    row.client,
    row.version,
    row.transport,
    row.codec,
    row.encryption,
    row.network,
    row.sound,
    row.also.join(', '),
    row.result,
    shownBy(row.shownBy),
  ].map((cell) => cell.replaceAll('|', '/').trim());

const identity = (cells: readonly string[]): string =>
  cells
    .filter((_cell, at) => at !== versionAt)
    .join(' | ')
    .replaceAll(/\s+/g, ' ');

/** The page with these rows in it; every row once. */
export function writeTable(page: string, rows: readonly ShownRow[]): string {
  const cells = [...new Map(rows.map((row) => [identity(cellsOf(row)), cellsOf(row)])).values()];
  const lines = [heading, ...cells];
  const widths = heading.map((_name, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const line = (of: readonly string[]) =>
    `| ${of.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const table = [
    line(heading),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...cells.map(line),
  ];
  const [before, after] = around(page);
  return `${before}${begin}\n\n${table.join('\n')}\n\n${end}${after}`;
}

/** What the page promises and the run did not show (but for files that it could not run), and the other way round. */
export function compareTable(
  page: string,
  rows: readonly ShownRow[],
  leftOut: readonly string[] = [],
): { missing: string[]; unwritten: string[] } {
  const [before, after] = around(page);
  const promised = page
    .slice(before.length, page.length - after.length)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) =>
      identity(
        line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      ),
    );
  const found = rows.map((row) => identity(cellsOf(row)));
  return {
    missing: promised.filter(
      (row) => !found.includes(row) && !leftOut.some((file) => row.endsWith(`| ${shownBy(file)}`)),
    ),
    unwritten: [...new Set(found)].filter((row) => !promised.includes(row)),
  };
}

function around(page: string): [string, string] {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no place for the table: ${begin} … ${end}`);
  return [page.slice(0, from), page.slice(to + end.length)];
}
