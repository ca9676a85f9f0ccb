import { conflict, invalid, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { ContactInput } from '../../contract/index.ts';
import { contactFor, contactsFor } from '../access.ts';
import { type Card, type KeptProperty, toInput } from '../rows.ts';
import { changedMeanwhile, type Reading } from './change-contacts.ts';
import { type Needs, tellChanged } from './needs.ts';
import { findAgain, forgetFound, updateContact } from './write-contacts.ts';

interface Seen {
  readonly id: string;
  readonly version: number;
}
interface Before {
  readonly input: ContactInput;
  readonly kept: readonly KeptProperty[];
  readonly photo: string | null;
  /** The people of companies that were merged into this one: `[person, company]`. */
  readonly people: readonly (readonly [string, string])[];
}

/**
 * Makes one card of several of a book: `keep` becomes `card`, the others lie in it until the merge is undone. Photo and unknown
 * properties come from the others where the kept card has none; the people of merged companies go along.
 *
 * @returns the merge's id.
 * @throws Problem 409 `contacts-changed` where one of them is not as it was seen.
 */
export async function mergeContacts(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  { keep, others, card }: { keep: Seen; others: readonly Seen[]; card: ContactInput },
  reading: Reading,
): Promise<string> {
  const seen = [keep, ...others];
  const ids = seen.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) throw invalid('A card cannot be merged with itself.');
  const found = await contactsFor(tx, needs.spaces, actor, ids, 'write', { lock: true });
  for (const [at, { row }] of found.entries()) {
    if (row.version !== seen[at]?.version) throw changedMeanwhile(row.version);
  }
  const [kept, ...gone] = found;
  if (!kept) throw notFound('This card');
  const { book } = kept;
  if (gone.some((each) => each.book.id !== book.id)) {
    throw invalid('Only cards of the same address book can be merged.');
  }
  const goneIds = gone.map(({ row }) => row.id);
  const people = await tx.query<{ id: string; company_id: string }>(
    'select id, company_id from contacts.contact where company_id = any($1::uuid[]) order by id limit 5000 for update',
    [goneIds],
  );
  const before: Before = {
    input: toInput(kept.row),
    kept: kept.row.kept,
    photo: kept.row.photo,
    people: people.map((person) => [person.id, person.company_id]),
  };
  const mergeId = needs.nextId();
  await tx.query(
    `insert into contacts.merge (id, org_id, book_id, contact_id, made_version, before, merged_by)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7)`,
    [mergeId, tx.orgId, book.id, keep.id, keep.version + 1, JSON.stringify(before), actor.personId],
  );
  await tx.query(
    `update contacts.contact set deleted_at = now(), merge_id = $2, version = version + 1 where id = any($1::uuid[])`,
    [goneIds, mergeId],
  );
  await forgetFound(tx, goneIds);
  await tx.query(
    'update contacts.contact set company_id = $2, version = version + 1 where id = any($1::uuid[])',
    [people.map(({ id }) => id), keep.id],
  );
  await updateContact(
    tx,
    { bookId: book.id, personId: actor.personId, ...reading },
    {
      id: keep.id,
      input: card,
      kept:
        kept.row.kept.length > 0
          ? kept.row.kept
          : (gone.find(({ row }) => row.kept.length > 0)?.row.kept ?? []),
      photo: kept.row.photo ?? gone.find(({ row }) => row.photo !== null)?.row.photo ?? null,
    },
  );
  tellChanged(tx, needs, book, [...ids, ...people.map(({ id }) => id)]);
  return mergeId;
}

/** @returns the id of the card that is as it was before. @throws Problem 409 where it was changed since. */
export async function undoMerge(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  mergeId: string,
  reading: Reading,
): Promise<string> {
  const [merge] = await tx.query<{ contact_id: string; made_version: number; before: Before }>(
    'select contact_id, made_version, before from contacts.merge where id = $1 for update',
    [mergeId],
  );
  if (!merge) throw notFound('This merge');
  const { row, book } = await contactFor(tx, needs.spaces, actor, merge.contact_id, 'write', { lock: true });
  if (row.version !== merge.made_version) {
    throw conflict(
      'contacts-merge-changed',
      'The card was changed since; it cannot be taken apart any more.',
    );
  }
  const back = await tx.query<{ id: string }>(
    `update contacts.contact set deleted_at = null, merge_id = null, version = version + 1
     where merge_id = $1 returning id`,
    [mergeId],
  );
  const { input, kept, photo, people } = merge.before;
  const how = { bookId: book.id, personId: actor.personId, ...reading };
  await updateContact(tx, how, { id: row.id, input, kept, photo });
  await tx.query(
    `update contacts.contact c set company_id = p.company, version = c.version + 1
     from jsonb_to_recordset($1::jsonb) as p(person uuid, company uuid) where c.id = p.person and c.company_id = $2`,
    [JSON.stringify(people.map(([person, company]) => ({ person, company }))), row.id],
  );
  const rows = await contactsFor(
    tx,
    needs.spaces,
    actor,
    back.map(({ id }) => id),
    'read',
  );
  await findAgain(
    tx,
    rows.map((each): { id: string; bookId: string; input: ContactInput; name: string; card: Card } => ({
      id: each.row.id,
      bookId: each.row.book_id,
      input: toInput(each.row),
      name: each.row.name,
      card: each.row.card,
    })),
  );
  await tx.query('delete from contacts.merge where id = $1', [mergeId]);
  tellChanged(tx, needs, book, [row.id, ...back.map(({ id }) => id), ...people.map(([id]) => id)]);
  return row.id;
}
