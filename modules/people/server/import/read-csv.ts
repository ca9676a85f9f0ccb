import { Problem } from '@liaison/core/contract';
import { type ImportColumn, importColumns, maxImportLines } from '../../contract/index.ts';

/** One line of a file as it stands there. `line` counts from 1 and is where the record begins. */
export interface RawLine {
  readonly line: number;
  readonly values: Readonly<Partial<Record<ImportColumn, string>>>;
  /** Set where the line has values without a column. */
  readonly extra: string | null;
}

/** Longest record, in characters. */
const maxRecordCharacters = 10_000;
const maxColumns = 100;

/** What programs of the four languages call our columns, folded to letters. */
const otherNames: Record<string, ImportColumn> = {
  nom: 'name',
  nombre: 'name',
  nome: 'name',
  fullname: 'name',
  displayname: 'name',
  email: 'address',
  mail: 'address',
  adresse: 'address',
  direccion: 'address',
  endereco: 'address',
  correo: 'address',
  ext: 'extension',
  poste: 'extension',
  ramal: 'extension',
  extensao: 'extension',
  titre: 'title',
  titulo: 'title',
  cargo: 'title',
  fonction: 'title',
  bureau: 'office',
  oficina: 'office',
  escritorio: 'office',
  langue: 'language',
  idioma: 'language',
  tz: 'timezone',
  fuseau: 'timezone',
  zonahoraria: 'timezone',
  fuso: 'timezone',
  equipes: 'teams',
  equipos: 'teams',
  team: 'teams',
  phone: 'numbers',
  telephone: 'numbers',
  telefono: 'numbers',
  telefone: 'numbers',
  number: 'numbers',
  phones: 'numbers',
};

const columnOf = (heading: string): ImportColumn | null => {
  const key = heading
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z]/g, '');
  return importColumns.find((column) => column === key) ?? otherNames[key] ?? null;
};

/** UTF-8, or what spreadsheet programs of Western Europe write otherwise. */
function decode(bytes: Uint8Array): string {
  const text = (() => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return new TextDecoder('windows-1252').decode(bytes);
    }
  })();
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** The sign that stands most often in the heading, outside of quotes. */
function delimiterOf(text: string): string {
  const heading = text
    .slice(0, maxRecordCharacters)
    .split(/\r?\n|\r/, 1)[0]!
    .replace(/"[^"]*"/g, '');
  const count = (sign: string) => heading.split(sign).length - 1;
  return [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best), ',');
}

/**
 * Reads a list of people (RFC 4180 with the liberties that spreadsheets take). Empty lines are passed over.
 *
 * @throws Problem 400 `unreadable-csv`, `columns-missing`, `too-many-lines`.
 */
export async function readCsv(bytes: Uint8Array): Promise<RawLine[]> {
  const unreadable = (message: string, line?: number) =>
    new Problem(400, 'unreadable-csv', 'This file cannot be read as CSV.', {
      errors: [{ path: line === undefined ? 'file' : `line ${line}`, message }],
    });
  if (bytes.includes(0)) throw unreadable('It is no text: it may be a spreadsheet. Save it as CSV first.');
  const text = decode(bytes);
  const { parse } = await import('csv-parse');
  const parser = parse(text, {
    delimiter: delimiterOf(text),
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    trim: true,
    max_record_size: maxRecordCharacters,
  });
  let columns: (ImportColumn | null)[] | undefined;
  const lines: RawLine[] = [];
  try {
    let before = 0;
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      const line = before + 1;
      before = info.lines;
      if (record.every((value) => value.trim() === '')) continue;
      if (!columns) {
        columns = headings(record);
        continue;
      }
      if (lines.length >= maxImportLines) {
        throw new Problem(400, 'too-many-lines', `A list has at most ${maxImportLines} people; divide it.`);
      }
      const values: Partial<Record<ImportColumn, string>> = {};
      let extra: string | null = null;
      for (const [i, value] of record.entries()) {
        const column = columns[i];
        if (column) values[column] = value;
        else if (column === undefined && value !== '') extra ??= value;
      }
      lines.push({ line, values, extra });
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { code, lines: at } = error as { code?: string; lines?: number };
    throw unreadable(
      code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'A quotation mark is opened and never closed.'
        : code === 'CSV_MAX_RECORD_SIZE'
          ? `A line is longer than ${maxRecordCharacters} characters.`
          : 'Quotation marks or columns are not as they should be.',
      at,
    );
  }
  if (!columns) throw unreadable('It is empty.');
  return lines;
}

function headings(record: string[]): (ImportColumn | null)[] {
  if (record.length > maxColumns) {
    throw new Problem(400, 'columns-missing', `A list has at most ${maxColumns} columns.`);
  }
  const columns = record.map(columnOf);
  const missing = (['name', 'address'] as const).filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new Problem(
      400,
      'columns-missing',
      'The first line must name the columns; name and address are needed.',
      {
        errors: missing.map((column) => ({
          path: column,
          message: 'There is no such column in the first line.',
        })),
      },
    );
  }
  const twice = columns.find((column, i) => column !== null && columns.indexOf(column) !== i);
  if (twice) {
    throw new Problem(400, 'columns-missing', 'A column is there twice.', {
      errors: [{ path: twice, message: 'Only one column may have this name.' }],
    });
  }
  return columns;
}
