import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { BlobMissingError } from '@liaison/core/blobs';
import type { PersonActor } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { ExportFormat } from '../contract/index.ts';
import { bookFor } from './access.ts';
import { type TableWidth, tableCells, tableHeadings, writeRow } from './csv/write-row.ts';
import { pageCards, readToExport, readWidth } from './export-queries.ts';
import { type ContactRecord, toInput } from './rows.ts';
import { type OutgoingCard, type VcardVersion, writeCard } from './vcard/write-card.ts';

const versions: Record<Exclude<ExportFormat, 'csv'>, VcardVersion> = { vcard3: '3.0', vcard4: '4.0' };

/**
 * All cards of a book by name, page by page: never more than a page is in memory, and who may not read any more, or has signed out,
 * gets no further page.
 *
 * @param stillThere throws where the asker's session has ended.
 */
export async function* exportCards(
  core: Core,
  actor: PersonActor,
  bookId: string,
  format: ExportFormat,
  stillThere: () => Promise<void>,
): AsyncGenerator<string> {
  const { db, spaces } = core;
  const width = await db.read(actor.orgId, async (tx) => {
    await bookFor(tx, spaces, actor, bookId, 'read');
    return readWidth(tx, bookId);
  });
  // A byte order mark is what makes spreadsheets read UTF-8.
  if (format === 'csv') yield `\u{feff}${writeRow(tableHeadings(width))}`;
  let last: ContactRecord | undefined;
  for (;;) {
    const after = last;
    if (after) await stillThere();
    const rows = await db.read(actor.orgId, async (tx) => {
      await bookFor(tx, spaces, actor, bookId, 'read');
      return readToExport(tx, bookId, after);
    });
    const texts: string[] = [];
    for (const row of rows) {
      texts.push(
        format === 'csv'
          ? writeRow(tableCells(row.name, toInput(row), width))
          : writeCard(await outgoing(core, row), versions[format]),
      );
    }
    if (texts.length > 0) yield texts.join('');
    last = rows.at(-1);
    if (!last || rows.length < pageCards) return;
  }
}

/** Some cards, in the order asked for: few enough to be read in one go, their photos one after the other. */
export async function* exportSome(
  core: Core,
  rows: readonly ContactRecord[],
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') {
    const width = widthOf(rows);
    yield `\u{feff}${writeRow(tableHeadings(width))}`;
    for (const row of rows) yield writeRow(tableCells(row.name, toInput(row), width));
    return;
  }
  for (const row of rows) yield writeCard(await outgoing(core, row), versions[format]);
}

/** As `readWidth`, of these cards. */
function widthOf(rows: readonly ContactRecord[]): TableWidth {
  const most = (kind: keyof TableWidth): number => Math.max(0, ...rows.map(({ card }) => card[kind].length));
  return { numbers: most('numbers'), emails: most('emails'), sip: most('sip'), addresses: most('addresses') };
}

export const exportStream = (...args: Parameters<typeof exportCards>): Readable =>
  Readable.from(exportCards(...args), { objectMode: false, highWaterMark: 256 * 1024 });

export const exportCard = async (
  core: Core,
  row: ContactRecord,
  format: Exclude<ExportFormat, 'csv'>,
): Promise<string> => writeCard(await outgoing(core, row), versions[format]);

async function outgoing({ blobs }: Core, row: ContactRecord): Promise<OutgoingCard> {
  const { id, name, kept, changed_at: changedAt } = row;
  return {
    id,
    name,
    kept,
    changedAt,
    input: toInput(row),
    photo: row.photo === null ? null : await read(row.photo),
  };

  async function read(sha256: string): Promise<Buffer | null> {
    try {
      return await buffer((await blobs.open(sha256)).stream);
    } catch (error) {
      if (error instanceof BlobMissingError) return null;
      throw error;
    }
  }
}
