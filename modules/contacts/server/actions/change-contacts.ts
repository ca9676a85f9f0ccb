import { conflict, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { ContactInput } from '../../contract/index.ts';
import { bookFor, contactFor, contactsFor } from '../access.ts';
import type { ReadNumberIn } from '../numbers.ts';
import { toInput } from '../rows.ts';
import { type Needs, tellChanged } from './needs.ts';
import { findAgain, forgetFound, insertContacts, updateContact } from './write-contacts.ts';

/** How numbers without a country are read: by whom and where. */
export interface Reading {
  readonly read: ReadNumberIn;
  readonly timeZone: string;
}

/** A card of which somebody has seen an older version: `errors` names the one that is there. */
export const changedMeanwhile = (version: number) => {
  const problem = conflict('contacts-changed', 'Somebody has changed this card meanwhile.');
  return Object.assign(problem, { errors: [{ path: 'version', message: String(version) }] });
};

/** @returns the new card's id. */
export async function createContact(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  bookId: string,
  input: ContactInput,
  reading: Reading,
): Promise<string> {
  const book = await bookFor(tx, needs.spaces, actor, bookId, 'write');
  const id = needs.nextId();
  await insertContacts(tx, { bookId: book.id, personId: actor.personId, ...reading }, [{ id, input }]);
  tellChanged(tx, needs, book, [id]);
  return id;
}

/** @throws Problem 409 `contacts-changed` where the card is not as it was seen. */
export async function changeContact(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  contactId: string,
  { version, ...input }: ContactInput & { version: number },
  reading: Reading,
): Promise<void> {
  const { row, book } = await contactFor(tx, needs.spaces, actor, contactId, 'write', { lock: true });
  if (row.version !== version) throw changedMeanwhile(row.version);
  await updateContact(
    tx,
    { bookId: book.id, personId: actor.personId, ...reading },
    { id: contactId, input },
  );
  // A company that is called otherwise is so in the cards of its people: they show its name, and are found by it from their next change on.
  tellChanged(tx, needs, book, [contactId]);
}

export async function deleteContacts(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  contactIds: readonly string[],
): Promise<void> {
  const ids = [...new Set(contactIds)];
  const contacts = await contactsFor(tx, needs.spaces, actor, ids, 'write', { lock: true });
  await tx.query(
    `update contacts.contact set deleted_at = now(), version = version + 1, changed_by = $2, changed_at = now()
     where id = any($1::uuid[])`,
    [ids, actor.personId],
  );
  await forgetFound(tx, ids);
  for (const [book, some] of byBook(contacts)) {
    await needs.audit.record(tx, {
      action: 'contacts.contacts-deleted',
      subjectId: book.id,
      personId: actor.personId,
      details: { count: some.length },
    });
    tellChanged(tx, needs, book, some);
  }
}

/** What was merged into another card comes back by undoing the merge, not by this. */
export async function restoreContacts(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  contactIds: readonly string[],
): Promise<void> {
  const ids = [...new Set(contactIds)];
  const contacts = await contactsFor(tx, needs.spaces, actor, ids, 'write', { lock: true, deleted: true });
  const merged = await tx.query(
    'select id from contacts.contact where id = any($1::uuid[]) and merge_id is not null',
    [ids],
  );
  if (merged.length > 0) throw conflict('contacts-merged', 'This card was merged; undo that instead.');
  await tx.query(
    'update contacts.contact set deleted_at = null, version = version + 1, changed_at = now() where id = any($1::uuid[])',
    [ids],
  );
  await findAgain(
    tx,
    contacts.map(({ row }) => ({
      id: row.id,
      bookId: row.book_id,
      input: toInput(row),
      name: row.name,
      card: row.card,
    })),
  );
  for (const [book, some] of byBook(contacts)) tellChanged(tx, needs, book, some);
}

/** Names a stored blob as a card's photo, or none. The old blob is left to the collector of blobs. */
export async function keepPhoto(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  contactId: string,
  sha256: string | null,
): Promise<void> {
  const { book } = await contactFor(tx, needs.spaces, actor, contactId, 'write', { lock: true });
  await tx.query(
    `update contacts.contact set photo = $2, version = version + 1, changed_at = now(), changed_by = $3 where id = $1`,
    [contactId, sha256, actor.personId],
  );
  tellChanged(tx, needs, book, [contactId]);
}

/** Which of these cards lie in each of their books. */
export function byBook(
  contacts: readonly { row: { id: string }; book: { id: string; spaceId: string } }[],
): Map<{ id: string; spaceId: string }, string[]> {
  const books = new Map<string, { book: { id: string; spaceId: string }; ids: string[] }>();
  for (const { row, book } of contacts) {
    const known = books.get(book.id) ?? { book, ids: [] };
    known.ids.push(row.id);
    books.set(book.id, known);
  }
  return new Map([...books.values()].map(({ book, ids }) => [book, ids]));
}
