import {
  type Actor,
  conflict,
  covers,
  notFound,
  type PersonActor,
  personOf,
  type Right,
  rights,
} from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Spaces } from '@liaison/core/spaces';
import type { Book } from '../contract/index.ts';
import type { ImportRecord } from './import/import-record.ts';
import { type ContactRecord, columns, withCompany } from './rows.ts';

export interface BookAccess {
  readonly id: string;
  readonly spaceId: string;
  readonly right: Right;
}
export interface ContactAccess {
  readonly row: ContactRecord;
  readonly book: BookAccess;
  readonly level: number;
}

/** An asker who is no person: rights are found for her by what is granted to all. */
const nobody = '00000000-0000-0000-0000-000000000000';
const archived = () =>
  conflict('contacts-archived', 'This team is archived; its address book can be read only.');

/** The only way to a book for somebody. */
export async function bookFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  bookId: string,
  needed: Right,
): Promise<BookAccess> {
  const [row] = await tx.query<{ space_id: string; archived: boolean; level: number | null }>(
    `select b.space_id, s.archived_at is not null as archived, core.right_of($2::uuid, s.id, b.id, null) as level
     from contacts.book b join core.space s on s.id = b.space_id where b.id = $1`,
    [bookId, personOf(actor) ?? nobody],
  );
  if (!row) throw notFound('This address book');
  const right = spaces.decide(tx, actor, row.level, needed);
  if (row.archived && covers(needed, 'write')) throw archived();
  return { id: bookId, spaceId: row.space_id, right };
}

/**
 * The only way to cards for somebody: in the order asked for, or a refusal of the first that may not be.
 *
 * @param how `lock` holds them until the end of the transaction, in the order of their ids; `deleted` finds those that are.
 */
export async function contactsFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  contactIds: readonly string[],
  needed: Right,
  { lock = false, deleted = false }: { lock?: boolean; deleted?: boolean } = {},
): Promise<ContactAccess[]> {
  if (lock) {
    await tx.query('select id from contacts.contact where id = any($1::uuid[]) order by id for update', [
      contactIds,
    ]);
  }
  const rows = await tx.query<
    ContactRecord & { space_id: string; archived: boolean; level: number | null; is_deleted: boolean }
  >(
    `select ${columns}, b.space_id, s.archived_at is not null as archived,
       c.deleted_at is not null as is_deleted, core.right_of($2::uuid, s.id, b.id, c.id) as level
     from contacts.contact c join contacts.book b on b.id = c.book_id join core.space s on s.id = b.space_id
       ${withCompany}
     where c.id = any($1::uuid[])`,
    [contactIds, personOf(actor) ?? nobody],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return contactIds.map((id) => {
    const row = byId.get(id);
    if (!row) throw notFound('This card');
    const right = spaces.decide(tx, actor, row.level, 'read');
    if (row.is_deleted !== deleted) throw notFound('This card');
    spaces.decide(tx, actor, row.level, needed);
    if (row.archived && covers(needed, 'write')) throw archived();
    return {
      row,
      book: { id: row.book_id, spaceId: row.space_id, right },
      level: rights.indexOf(right),
    };
  });
}

export async function contactFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  contactId: string,
  needed: Right,
  how: { lock?: boolean; deleted?: boolean } = {},
): Promise<ContactAccess> {
  const [contact] = await contactsFor(tx, spaces, actor, [contactId], needed, how);
  if (!contact) throw notFound('This card');
  return contact;
}

/** The books that somebody may read: her own first, then by name. Most people are in few spaces; 500 are enough. */
export async function booksOf(tx: Tx, personId: string): Promise<Book[]> {
  const rows = await tx.query<{
    id: string;
    space_id: string;
    kind: 'personal' | 'team';
    name: string;
    level: number;
  }>(
    `select b.id, s.id as space_id, s.kind, s.name, core.right_of($1::uuid, s.id, b.id, null) as level
     from contacts.book b join core.space s on s.id = b.space_id
     where s.archived_at is null and s.id in (
       select m.space_id from core.member m where m.person_id = $1::uuid
       union select g.space_id from core.grant g where g.container_id is not null)
     order by s.kind, lower(s.name), s.id limit 500`,
    [personId],
  );
  return rows
    .filter((row) => row.level >= rights.indexOf('read'))
    .map((row) => ({
      id: row.id,
      spaceId: row.space_id,
      kind: row.kind,
      name: row.kind === 'personal' ? '' : row.name,
      right: rights[row.level] as Book['right'],
    }));
}

/** The books among which somebody looks: one that was named, or all that she may read. */
export async function booksToRead(
  tx: Tx,
  spaces: Spaces,
  actor: PersonActor,
  bookId: string | undefined,
): Promise<string[]> {
  if (bookId === undefined) return (await booksOf(tx, actor.personId)).map(({ id }) => id);
  return [(await bookFor(tx, spaces, actor, bookId, 'read')).id];
}

/** An import is its owner's alone. */
export async function importFor(
  tx: Tx,
  actor: PersonActor,
  importId: string,
  lock = false,
): Promise<ImportRecord> {
  const [row] = await tx.query<ImportRecord>(
    `select * from contacts.import where id = $1 and person_id = $2 ${lock ? 'for update' : ''}`,
    [importId, actor.personId],
  );
  if (!row) throw notFound('This import');
  return row;
}

/** Those of somebody that go on now, newest first. */
export const runningImports = (
  tx: Tx,
  { personId }: Pick<PersonActor, 'personId'>,
): Promise<ImportRecord[]> =>
  tx.query<ImportRecord>(
    `select * from contacts.import where person_id = $1 and state = 'running' order by created_at desc, id desc limit 20`,
    [personId],
  );
