import { conflict, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { foldText } from '@liaison/people';
import { bounds } from '../../contract/index.ts';
import { bookFor, contactsFor } from '../access.ts';
import { cut, sortKeyOf } from '../derive.ts';
import { toInput } from '../rows.ts';
import { byBook } from './change-contacts.ts';
import { type Needs, tellChanged } from './needs.ts';
import { findAgain, forgetFound } from './write-contacts.ts';

/**
 * Puts cards into groups and out of others; what is spelt alike but for case and accents is one group.
 *
 * @returns the cards that are otherwise now.
 * @throws Problem 409 `contacts-groups` where a card would be in too many.
 */
export async function groupContacts(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  {
    contactIds,
    add,
    remove,
  }: { contactIds: readonly string[]; add: readonly string[]; remove: readonly string[] },
): Promise<string[]> {
  const ids = [...new Set(contactIds)];
  const contacts = await contactsFor(tx, needs.spaces, actor, ids, 'write', { lock: true });
  const gone = new Set(remove.map(foldText));
  const changed = contacts.flatMap(({ row, book }) => {
    const stays = row.labels.filter((label) => !gone.has(foldText(label)));
    const there = new Set(stays.map(foldText));
    const labels = [...stays, ...add.filter((label) => !there.has(foldText(label)))];
    return labels.join('\n') === row.labels.join('\n') ? [] : [{ row: { ...row, labels }, book }];
  });
  if (changed.some(({ row }) => row.labels.length > bounds.labels)) {
    throw conflict('contacts-groups', `A card is in ${bounds.labels} groups at most.`);
  }
  const changedIds = changed.map(({ row }) => row.id);
  await tx.query(
    `update contacts.contact c set labels = r.labels, version = c.version + 1, changed_at = now(), changed_by = $2
     from jsonb_to_recordset($1::jsonb) as r(id uuid, labels text[]) where c.id = r.id`,
    [JSON.stringify(changed.map(({ row: { id, labels } }) => ({ id, labels }))), actor.personId],
  );
  await forgetFound(tx, changedIds);
  await findAgain(
    tx,
    changed.map(({ row }) => ({
      id: row.id,
      bookId: row.book_id,
      input: toInput(row),
      name: row.name,
      card: row.card,
    })),
  );
  for (const [book, some] of byBook(changed)) tellChanged(tx, needs, book, some);
  return changedIds;
}

/**
 * Puts cards into another book. Numbers keep what they were read as; a merge of before cannot be undone any more.
 *
 * @returns the books that they were in, with those that came from there.
 */
export async function moveContacts(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  { contactIds, bookId }: { contactIds: readonly string[]; bookId: string },
): Promise<{ bookId: string; contactIds: string[] }[]> {
  const ids = [...new Set(contactIds)];
  const target = await bookFor(tx, needs.spaces, actor, bookId, 'write');
  const contacts = (await contactsFor(tx, needs.spaces, actor, ids, 'write', { lock: true })).filter(
    ({ row }) => row.book_id !== bookId,
  );
  if (contacts.length === 0) return [];
  const movedIds = contacts.map(({ row }) => row.id);
  // Whoever stays behind keeps her company's name, as it is called now.
  const left = await tx.query<{ id: string; book_id: string }>(
    `update contacts.contact c set company_id = null, version = c.version + 1,
       card = jsonb_set(c.card, '{organisation}', to_jsonb(f.name))
     from contacts.contact f where f.id = c.company_id and f.id = any($1::uuid[]) and c.id <> all($1::uuid[])
       and c.book_id = f.book_id returning c.id, c.book_id`,
    [movedIds],
  );
  await tx.query(
    `update contacts.contact set book_id = $2, version = version + 1, changed_at = now(), changed_by = $3
     where id = any($1::uuid[])`,
    [movedIds, bookId, actor.personId],
  );
  for (const found of ['way', 'word']) {
    await tx.query(`update contacts.${found} set book_id = $2 where contact_id = any($1::uuid[])`, [
      movedIds,
      bookId,
    ]);
  }
  const people = contacts.flatMap(({ row }) => {
    const organisation = row.company_name ?? row.card.organisation;
    return row.kind === 'person' ? [{ id: row.id, organisation, key: sortKeyOf(organisation) }] : [];
  });
  const companies = await tx.query<{ id: string; sort_key: string }>(
    `select id, sort_key from contacts.contact
     where book_id = $1 and kind = 'company' and deleted_at is null and sort_key = any($2::text[]) order by id`,
    [bookId, people.flatMap(({ key }) => (key === '' ? [] : [key]))],
  );
  const byKey = new Map(companies.toReversed().map((company) => [company.sort_key, company.id]));
  await tx.query(
    `update contacts.contact c set company_id = r.company_id,
       card = jsonb_set(c.card, '{organisation}', to_jsonb(r.organisation))
     from jsonb_to_recordset($1::jsonb) as r(id uuid, company_id uuid, organisation text) where c.id = r.id`,
    [
      JSON.stringify(
        people.map(({ id, organisation, key }) => ({
          id,
          organisation: cut(organisation, 200),
          company_id: byKey.get(key) ?? null,
        })),
      ),
    ],
  );
  const from = byBook(contacts);
  for (const [book, some] of from) {
    await needs.audit.record(tx, {
      action: 'contacts.contacts-moved',
      subjectId: book.id,
      personId: actor.personId,
      details: { count: some.length, to: bookId },
    });
    tellChanged(tx, needs, book, [
      ...some,
      ...left.flatMap((each) => (each.book_id === book.id ? [each.id] : [])),
    ]);
  }
  tellChanged(tx, needs, target, movedIds);
  return [...from].map(([book, some]) => ({ bookId: book.id, contactIds: some }));
}
