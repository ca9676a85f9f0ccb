import { conflict, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { foldText } from '@liaison/people';
import { maxAtOnce, maxInGroup } from '../../contract/index.ts';
import { bookFor, booksOf } from '../access.ts';
import { groupContacts } from './change-several.ts';
import type { Needs } from './needs.ts';

/**
 * Calls a group otherwise, however it is spelt but for case and accents; where there is one of the new name already, both are one.
 *
 * @returns how many cards are otherwise now.
 * @throws Problem 404 where no card that may be written is in it, 409 `contacts-group-large` where too many are.
 */
export async function renameGroup(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  { from, to, bookId }: { from: string; to: string; bookId?: string | undefined },
): Promise<number> {
  const bookIds =
    bookId === undefined
      ? (await booksOf(tx, actor.personId))
          .filter(({ right }) => right === 'write' || right === 'manage')
          .map(({ id }) => id)
      : [(await bookFor(tx, needs.spaces, actor, bookId, 'write')).id];
  const rows = await tx.query<{ id: string; labels: string[] }>(
    `select c.id, c.labels from contacts.contact c
     where c.book_id = any($1::uuid[]) and c.deleted_at is null and c.labels <> '{}' order by c.id`,
    [bookIds],
  );
  const wanted = foldText(from);
  const spelt = new Set(rows.flatMap(({ labels }) => labels.filter((each) => foldText(each) === wanted)));
  const inIt = rows.filter(({ labels }) => labels.some((label) => spelt.has(label)));
  if (inIt.length === 0) throw notFound('This group');
  if (inIt.length > maxInGroup) {
    throw conflict('contacts-group-large', `Only a group of ${maxInGroup} cards at most can be named anew.`);
  }
  let count = 0;
  for (let at = 0; at < inIt.length; at += maxAtOnce) {
    const contactIds = inIt.slice(at, at + maxAtOnce).map(({ id }) => id);
    count += (await groupContacts(tx, needs, actor, { contactIds, add: [to], remove: [from] })).length;
  }
  return count;
}
