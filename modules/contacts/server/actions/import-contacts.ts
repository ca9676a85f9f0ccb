import { conflict, invalid, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { personalSpaceOf } from '@liaison/core/spaces';
import {
  type CsvField,
  type DuplicateChoice,
  importStarted,
  type RecentImport,
} from '../../contract/index.ts';
import { bookFor, importFor } from '../access.ts';
import type { ImportRecord } from '../import/import-record.ts';
import type { FileFound } from '../import/read-file.ts';
import { tellProgress } from '../import/run-import.ts';
import { type Needs, tellChanged } from './needs.ts';
import { forgetFound } from './write-contacts.ts';

/** So many are remembered of a person; older ones that do not run are forgotten. */
const keptImports = 20;

/** Remembers a stored file that was looked through; nothing is added yet. */
export async function createImport(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  bookId: string,
  { fileName, sha256, found }: { fileName: string; sha256: string; found: FileFound },
): Promise<ImportRecord> {
  const book = await bookFor(tx, needs.spaces, actor, bookId, 'write');
  const id = needs.nextId();
  await tx.query(
    `insert into contacts.import (id, org_id, book_id, person_id, file_name, format, state, file_sha256, columns, preview, total)
     values ($1, $2, $3, $4, $5, $6, 'ready', $7, $8::jsonb, $9::jsonb, $10)`,
    [
      id,
      tx.orgId,
      book.id,
      actor.personId,
      fileName.replace(/\p{Cc}+/gu, ' ').toWellFormed(),
      found.format,
      sha256,
      JSON.stringify(found.columns),
      JSON.stringify(found.preview),
      found.total,
    ],
  );
  await tx.query(
    `delete from contacts.import where person_id = $1 and state <> 'running' and id in (
       select id from contacts.import where person_id = $1 order by created_at desc, id desc offset ${keptImports})`,
    [actor.personId],
  );
  return importFor(tx, actor, id);
}

/**
 * Lets the cards of a file be added, or lets one that was stopped go on where it was; a job does it.
 *
 * @throws Problem 409 `contacts-import-over` where nothing is left to do.
 */
export async function startImport(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  importId: string,
  { fields, duplicates }: { fields?: readonly CsvField[] | undefined; duplicates: DuplicateChoice },
): Promise<ImportRecord> {
  const row = await importFor(tx, actor, importId, true);
  if (row.state === 'running') return row;
  if (row.state === 'done' || row.file_sha256 === null) {
    throw conflict('contacts-import-over', 'This import was finished already.');
  }
  await bookFor(tx, needs.spaces, actor, row.book_id, 'write');
  if (fields && fields.length !== row.columns.length) {
    throw invalid('Say for each column what it is.', [
      { path: 'body.fields', message: `There are ${row.columns.length} columns.` },
    ]);
  }
  // What was chosen for the first cards holds for the rest.
  const columns =
    row.done > 0 || !fields ? row.columns : row.columns.map((each, at) => ({ ...each, field: fields[at] }));
  await tx.query(
    `update contacts.import set state = 'running', duplicates = $2, columns = $3::jsonb where id = $1`,
    [importId, row.done > 0 ? row.duplicates : duplicates, JSON.stringify(columns)],
  );
  await needs.audit.record(tx, {
    action: 'contacts.import-started',
    subjectId: row.book_id,
    personId: actor.personId,
    details: { importId, total: row.total, done: row.done },
  });
  const personalSpaceId = await personalSpaceOf(tx, actor.personId);
  if (personalSpaceId !== null) {
    needs.emit(tx, importStarted, { personalSpaceId, importId, personId: actor.personId });
  }
  return importFor(tx, actor, importId);
}

/** So many cards are taken back in one transaction. */
const takenBackAtOnce = 1000;
/** An import of so many days ago is no mistake of today. */
const recentDays = 7;
const untouched = `c.import_id = i.id and c.book_id = i.book_id and c.deleted_at is null and c.version = c.imported_version`;

/** Those that ended lately and brought cards that nobody has changed since, newest first. */
export async function recentImports(
  tx: Tx,
  { personId }: Pick<PersonActor, 'personId'>,
): Promise<RecentImport[]> {
  const rows = await tx.query<{ id: string; file_name: string; created_at: Date; cards: number }>(
    `select i.id, i.file_name, i.created_at, n.cards from contacts.import i cross join lateral (
       select count(*)::integer as cards from contacts.contact c where ${untouched}) n
     where i.person_id = $1 and i.state <> 'running' and i.added > 0 and n.cards > 0
       and i.created_at > now() - make_interval(days => ${recentDays})
     order by i.created_at desc, i.id desc limit 20`,
    [personId],
  );
  return rows.map(({ id, file_name, created_at, cards }) => ({
    id,
    fileName: file_name,
    createdAt: created_at.toISOString(),
    cards,
  }));
}

/**
 * Takes back what an import added, a thousand cards at a time; what somebody has changed since stays, and so does what it added to
 * cards that were there. It cannot go on after that.
 *
 * @returns how many cards are left to take back.
 * @throws Problem 409 `contacts-import-running` while it goes on, `contacts-import-old` where it is not recent.
 */
export async function undoImport(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  importId: string,
): Promise<{ undone: number; left: number }> {
  const row = await importFor(tx, actor, importId, true);
  if (row.state === 'running') throw conflict('contacts-import-running', 'Stop this import first.');
  if (row.state === 'ready') return { undone: 0, left: 0 };
  if (row.created_at.getTime() < Date.now() - recentDays * 86_400_000) {
    throw conflict('contacts-import-old', `Only imports of the last ${recentDays} days can be taken back.`);
  }
  const book = await bookFor(tx, needs.spaces, actor, row.book_id, 'write');
  const gone = await tx.query<{ id: string }>(
    `update contacts.contact set deleted_at = now(), version = version + 1, changed_by = $2, changed_at = now()
     where id in (select c.id from contacts.contact c join contacts.import i on i.id = $1 where ${untouched}
       order by c.id limit ${takenBackAtOnce} for update of c) returning id`,
    [importId, actor.personId],
  );
  const ids = gone.map(({ id }) => id);
  await forgetFound(tx, ids);
  await tx.query(
    `update contacts.import set state = 'done', file_sha256 = null, added = added - $2 where id = $1`,
    [importId, ids.length],
  );
  if (ids.length > 0) {
    await needs.audit.record(tx, {
      action: 'contacts.contacts-deleted',
      subjectId: book.id,
      personId: actor.personId,
      details: { count: ids.length, importId },
    });
    tellChanged(tx, needs, book, ids);
  }
  const [left] = await tx.query<{ cards: number }>(
    `select count(*)::integer as cards from contacts.contact c join contacts.import i on i.id = $1 where ${untouched}`,
    [importId],
  );
  return { undone: ids.length, left: left?.cards ?? 0 };
}

/** What was added stays. */
export async function stopImport(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  importId: string,
): Promise<ImportRecord> {
  const row = await importFor(tx, actor, importId, true);
  if (row.state !== 'running') return row;
  await tx.query(`update contacts.import set state = 'stopped' where id = $1`, [importId]);
  await tellProgress(tx, needs, row, row.done, true);
  return importFor(tx, actor, importId);
}
