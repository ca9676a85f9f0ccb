import { buffer } from 'node:stream/consumers';
import type { Blobs } from '@liaison/core/blobs';
import { Problem } from '@liaison/core/contract';
import {
  type CsvField,
  type ImportColumn,
  type ImportFault,
  type ImportPreview,
  maxImportCards,
  maxTableBytes,
} from '../../contract/index.ts';
import { guessFields } from '../csv/fields.ts';
import { readRow } from '../csv/read-row.ts';
import { decodeTable, readTable } from '../csv/table.ts';
import { nameOf } from '../derive.ts';
import { readRawCards } from '../vcard/card-lines.ts';
import { readCard } from '../vcard/read-card.ts';
import { oneLine } from './clean-text.ts';
import type { TakenCard } from './taken-card.ts';

export interface FileFound {
  readonly format: 'vcard' | 'csv';
  readonly total: number;
  readonly columns: ImportColumn[];
  readonly preview: ImportPreview[];
}

/** A card that is read when it is asked for: what was taken already need not be. */
export type Lazy = () => TakenCard | ImportFault;

const previewCards = 5;

const unreadable = (line: number, message: string) =>
  new Problem(415, 'contacts-file-unreadable', 'This is neither a vCard nor a CSV file.', {
    errors: [{ path: `line ${line}`, message }],
  });

/** The cards of a stored vCard file, one at a time. */
export async function* cardsOfFile(blobs: Blobs, sha256: string): AsyncGenerator<Lazy> {
  const { stream } = await blobs.open(sha256);
  for await (const raw of readRawCards(stream)) yield () => readCard(raw);
}

/** The records of a stored table after its headings. */
export async function* rowsOfFile(
  blobs: Blobs,
  sha256: string,
  fieldsOf: (headings: readonly string[]) => readonly CsvField[],
): AsyncGenerator<Lazy> {
  let fields: readonly CsvField[] | null = null;
  const { stream } = await blobs.open(sha256);
  for await (const rows of readTable(decodeTable(await buffer(stream)))) {
    for (const row of rows) {
      if (fields === null) fields = 'cells' in row ? fieldsOf(row.cells) : [];
      else {
        const meant = fields;
        yield () => readRow(row, meant);
      }
    }
  }
}

/**
 * Looks through a stored file: what it is, how many cards are in it, and how the first of them would look.
 *
 * @throws Problem 415 `contacts-file-unreadable` with the line, 413 `too-large` or `contacts-too-many`.
 */
export async function lookThrough(blobs: Blobs, sha256: string, bytes: number): Promise<FileFound> {
  const head = await buffer(
    (await blobs.open(sha256, { start: 0, end: Math.max(0, Math.min(bytes, 4096) - 1) })).stream,
  );
  const isVcard = /^(?:\xef\xbb\xbf)?\s*BEGIN:VCARD/i.test(head.toString('latin1'));
  const columns: ImportColumn[] = [];
  let lazy: AsyncGenerator<Lazy>;
  if (isVcard) lazy = cardsOfFile(blobs, sha256);
  else {
    const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
    if (!isWide && head.includes(0))
      throw unreadable(1, 'It is no text. A spreadsheet must be saved as CSV first.');
    if (bytes > maxTableBytes) {
      throw new Problem(
        413,
        'too-large',
        `A table has at most ${maxTableBytes / 1024 / 1024} MB; divide it.`,
      );
    }
    lazy = rowsOfFile(blobs, sha256, (headings) => {
      const fields = guessFields(headings);
      for (const [at, heading] of headings.entries()) {
        columns.push({ heading: oneLine(heading, 100), field: fields[at] ?? 'skip', example: '' });
      }
      return fields;
    });
  }
  const preview: ImportPreview[] = [];
  let total = 0;
  for await (const read of lazy) {
    total += 1;
    if (total > maxImportCards) {
      throw new Problem(
        413,
        'contacts-too-many',
        `There are more than ${maxImportCards} cards in it; divide it.`,
      );
    }
    if (preview.length < previewCards && total <= 100) {
      const card = read();
      if ('input' in card) preview.push(toPreview(card));
    }
  }
  if (!isVcard) {
    // One column that nobody knows is a text, not a table of people.
    const known = columns.filter(({ field }) => field !== 'skip' && field !== 'kind-of-next');
    if (columns.length < 2 && known.length === 0) throw unreadable(1, 'There are no columns in it.');
    await addExamples(blobs, sha256, columns);
  }
  if (total === 0) throw unreadable(1, 'There is no card in it.');
  return { format: isVcard ? 'vcard' : 'csv', total, columns, preview };
}

const toPreview = ({ line, input }: TakenCard): ImportPreview => ({
  line,
  name: nameOf(input),
  organisation: input.organisation,
  number: input.numbers[0]?.number ?? '',
  email: input.emails[0]?.address ?? '',
});

/** What stands first in each column. */
async function addExamples(blobs: Blobs, sha256: string, columns: ImportColumn[]): Promise<void> {
  const { stream } = await blobs.open(sha256);
  for await (const rows of readTable(decodeTable(await buffer(stream)))) {
    for (const row of rows.slice(1)) {
      if (!('cells' in row)) continue;
      for (const [at, column] of columns.entries()) {
        if (column.example === '') columns[at] = { ...column, example: oneLine(row.cells[at] ?? '', 60) };
      }
    }
    return;
  }
}
