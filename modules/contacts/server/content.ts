import { type ContentDocument, type ContentPage, type ContentSource, changedBy } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import { teamChanged } from '@liaison/people';
import { contactsChanged } from '../contract/index.ts';
import { type ContactRecord, columns, withCompany } from './rows.ts';

type FoundRow = ContactRecord & { readonly space_id: string; readonly book_name: string };

/** Numbers as they were written and as they are dialled from elsewhere: people type either. */
const numbersOf = ({ card }: ContactRecord): string[] =>
  card.numbers.map(({ number, e164 }) => (e164 === null || e164 === number ? number : `${number} (${e164})`));

function documentOf(row: FoundRow): ContentDocument {
  const { card } = row;
  const lines = [
    card.nickname,
    row.kind === 'person' ? (row.company_name ?? card.organisation) : '',
    card.title,
    ...numbersOf(row),
    ...card.emails.map(({ address }) => address),
    ...card.sip.map(({ address }) => address),
    ...card.addresses.map(({ street, postalCode, city, region, country }) =>
      [street, postalCode, city, region, country].filter(Boolean).join(' '),
    ),
    ...card.webPages,
    row.labels.join(' '),
    card.notes,
  ];
  return {
    id: row.id,
    place: { spaceId: row.space_id, containerId: row.book_id, itemId: row.id },
    title: row.name,
    text: lines.filter(Boolean).join('\n'),
    personIds: [],
    container: row.book_name,
    at: row.changed_at,
    path: `/contacts/${row.id}`,
  };
}

const idsFrom = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

/** These, and the people of those that are companies: they show its name. */
const withTheirPeople = async (
  tx: Tx,
  contactIds: readonly string[],
  { after, limit }: ContentPage,
): Promise<string[]> =>
  idsFrom(
    await tx.query<{ id: string }>(
      `select id from (
         select unnest($1::uuid[]) as id
         union select c.id from contacts.contact c where c.company_id = any($1::uuid[])) as concerned
       where $2::uuid is null or id > $2 order by id limit $3`,
      [contactIds, after, limit],
    ),
  );

/** A team's book is called as the team is. */
const ofBookOf = async (tx: Tx, spaceId: string, { after, limit }: ContentPage): Promise<string[]> =>
  idsFrom(
    await tx.query<{ id: string }>(
      `select c.id from contacts.book b join contacts.contact c on c.book_id = b.id
       where b.space_id = $1 and ($2::uuid is null or c.id > $2) order by c.id limit $3`,
      [spaceId, after, limit],
    ),
  );

/** Cards of address books, with everything that is written on them. */
const cards: ContentSource = {
  kind: 'contacts.card',
  version: 1,
  changes: [
    changedBy(contactsChanged, (tx, { contactIds }, page) => withTheirPeople(tx, contactIds, page)),
    changedBy(teamChanged, (tx, { spaceId }, page) => ofBookOf(tx, spaceId, page)),
  ],
  list: async (tx, { after, limit }) =>
    idsFrom(
      await tx.query<{ id: string }>(
        'select id from contacts.contact where ($1::uuid is null or id > $1) order by id limit $2',
        [after, limit],
      ),
    ),
  read: async (tx, ids) =>
    (
      await tx.query<FoundRow>(
        `select ${columns}, b.space_id, case when s.kind = 'personal' then '' else s.name end as book_name
         from contacts.contact c join contacts.book b on b.id = c.book_id join core.space s on s.id = b.space_id
           ${withCompany}
         where c.id = any($1::uuid[]) and c.deleted_at is null`,
        [ids],
      )
    ).map(documentOf),
};

export const content: readonly ContentSource[] = [cards];
