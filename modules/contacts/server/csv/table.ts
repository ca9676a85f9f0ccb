import { maxColumns } from '../../contract/index.ts';

/** One record of a table; `line` is where it begins, from 1. */
export interface TableRow {
  readonly line: number;
  readonly cells: readonly string[];
}
export interface RefusedRow {
  readonly line: number;
  readonly refused: string;
}

/** UTF-8 or UTF-16 where it says so, or else what spreadsheets of Western Europe write. */
export function decodeTable(bytes: Buffer): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  const text = (() => {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      return new TextDecoder('windows-1252').decode(bytes);
    }
  })();
  return text.replace(/\r\n?/g, '\n');
}

/** The sign that stands most often in the headings, outside of quotes. */
function delimiterOf(text: string): string {
  const headings =
    text
      .slice(0, 20_000)
      .replace(/"[^"]*"/g, '')
      .split('\n', 1)[0] ?? '';
  const count = (sign: string) => headings.split(sign).length - 1;
  return [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best), ',');
}

const rowsAtOnce = 500;

/**
 * The records of a table (RFC 4180, with the signs and line ends of spreadsheets), some hundred at a time so that others have their
 * turn between them. Empty ones are left out; a quotation mark that is never closed ends it with a refusal.
 */
export async function* readTable(text: string): AsyncGenerator<(TableRow | RefusedRow)[]> {
  const { default: Papa } = await import('papaparse');
  const delimiter = delimiterOf(text);
  let line = 1;
  for (let from = 0; from < text.length; ) {
    const rows: (TableRow | RefusedRow)[] = [];
    let before = 0;
    const rest = text.slice(from);
    Papa.parse<string[]>(rest, {
      delimiter,
      newline: '\n',
      // Fast mode would split all that is left, again and again.
      fastMode: false,
      preview: rowsAtOnce,
      step({ data, errors, meta }) {
        const cells = data.length > maxColumns ? data.slice(0, maxColumns) : data;
        const isOpen = errors.some(({ code }) => code === 'MissingQuotes');
        if (isOpen) rows.push({ line, refused: 'a quotation mark is never closed' });
        else if (cells.some((cell) => cell.trim() !== '')) rows.push({ line, cells });
        for (let at = before; at < meta.cursor; at += 1) if (rest.charCodeAt(at) === 10) line += 1;
        before = meta.cursor;
      },
    });
    if (rows.length > 0) yield rows;
    if (before === 0) return;
    from += before;
  }
}
