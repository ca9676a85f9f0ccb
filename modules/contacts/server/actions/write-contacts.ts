import { invalid } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { foldText } from '@liaison/people';
import type { ContactInput } from '../../contract/index.ts';
import { cut, nameOf, nearKeyOf, sortKeyOf, waysOf, wordsOf } from '../derive.ts';
import { keepNumbers, type ReadNumberIn } from '../numbers.ts';
import type { Card, KeptProperty } from '../rows.ts';

/** What is written of a card, with the numbers read. */
export interface Written {
  readonly id: string;
  readonly input: ContactInput;
  readonly kept?: readonly KeptProperty[];
  readonly photo?: string | null;
}

export interface WriteHow {
  readonly bookId: string;
  readonly personId: string;
  readonly read: ReadNumberIn;
  /** Whose country is meant by a number without one. */
  readonly timeZone: string;
  /** The import that brings them. */
  readonly importId?: string;
}

function columnsOf({ id, input, kept, photo }: Written, { read, timeZone }: WriteHow) {
  const name = nameOf(input);
  if (name === '') {
    throw invalid('A card needs something that can be shown in a list.', [
      { path: 'body.name', message: 'Write a name, a company, a number or an address.' },
    ]);
  }
  const { kind, name: givenName, birthday, labels, companyId, ...rest } = input;
  const numbers = keepNumbers(read, input.numbers, timeZone);
  const card: Card = { ...rest, givenName, numbers };
  return {
    row: {
      id,
      kind,
      name,
      sort_key: sortKeyOf(name),
      near_key: nearKeyOf(name),
      company_id: kind === 'person' ? companyId : null,
      birth_year: birthday?.year ?? null,
      birth_month: birthday?.month ?? null,
      birth_day: birthday?.day ?? null,
      labels: uniqueLabels(labels),
      card,
      ...(kept === undefined ? {} : { kept }),
      ...(photo === undefined ? {} : { photo }),
    },
    ways: waysOf(input, numbers),
    words: wordsOf(input, name, numbers),
  };
}

/** Labels that differ by case or accents alone are one: the first spelling. */
const uniqueLabels = (labels: readonly string[]): string[] =>
  [...new Map(labels.toReversed().map((label) => [foldText(label), label])).values()].toReversed();

const recordset = `jsonb_to_recordset($1::jsonb) as r(id uuid, kind text, name text, sort_key text, near_key text,
  company_id uuid, birth_year smallint, birth_month smallint, birth_day smallint, labels text[], card jsonb, kept jsonb,
  photo text)`;

/** Writes new cards of one book, all in few statements. */
export async function insertContacts(tx: Tx, how: WriteHow, contacts: readonly Written[]): Promise<void> {
  if (contacts.length === 0) return;
  const linked = await linkCompanies(tx, how.bookId, contacts);
  const made = linked.map((contact) => columnsOf(contact, how));
  await tx.query(
    `insert into contacts.contact (id, org_id, book_id, kind, name, sort_key, near_key, company_id, birth_year, birth_month,
       birth_day, labels, card, kept, photo, changed_by, import_id, imported_version)
     select r.id, core.current_org(), $2::uuid, r.kind, r.name, r.sort_key, r.near_key, r.company_id, r.birth_year,
       r.birth_month, r.birth_day, r.labels, r.card, coalesce(r.kept, '[]'), r.photo, $3::uuid,
       $4::uuid, case when $4::uuid is not null then 1 end
     from ${recordset}`,
    [JSON.stringify(made.map(({ row }) => row)), how.bookId, how.personId, how.importId ?? null],
  );
  await insertFound(
    tx,
    how.bookId,
    made.map(({ row, ways, words }) => ({ id: row.id, ways, words })),
  );
}

/** Writes one card anew; its version counts up. Unknown properties and the photo stay unless given. */
export async function updateContact(tx: Tx, how: WriteHow, contact: Written): Promise<void> {
  const [linked] = await linkCompanies(tx, how.bookId, [contact]);
  const { row, ways, words } = columnsOf(linked ?? contact, how);
  await tx.query(
    `update contacts.contact c set kind = r.kind, name = r.name, sort_key = r.sort_key, near_key = r.near_key,
       company_id = r.company_id, birth_year = r.birth_year, birth_month = r.birth_month, birth_day = r.birth_day,
       labels = r.labels, card = r.card, kept = coalesce(r.kept, c.kept), photo = ${contact.photo === undefined ? 'c.photo' : 'r.photo'},
       version = c.version + 1, changed_at = now(), changed_by = $2::uuid
     from ${recordset} where c.id = r.id`,
    [JSON.stringify([row]), how.personId],
  );
  await forgetFound(tx, [contact.id]);
  await insertFound(tx, how.bookId, [{ id: contact.id, ways, words }]);
}

/** Cards that are deleted are found by nothing. */
export async function forgetFound(tx: Tx, contactIds: readonly string[]): Promise<void> {
  await tx.query('delete from contacts.way where contact_id = any($1::uuid[])', [contactIds]);
  await tx.query('delete from contacts.word where contact_id = any($1::uuid[])', [contactIds]);
}

interface Found {
  readonly id: string;
  readonly ways: readonly { kind: string; value: string }[];
  readonly words: readonly string[];
}
async function insertFound(tx: Tx, bookId: string, contacts: readonly Found[]): Promise<void> {
  const ways = contacts.flatMap(({ id, ways: all }) => all.map((way) => ({ id, ...way })));
  if (ways.length > 0) {
    await tx.query(
      `insert into contacts.way (org_id, book_id, contact_id, kind, value)
       select core.current_org(), $2::uuid, w.id, w.kind, w.value
       from jsonb_to_recordset($1::jsonb) as w(id uuid, kind text, value text)`,
      [JSON.stringify(ways), bookId],
    );
  }
  const words = contacts.flatMap(({ id, words: all }) => all.map((word) => ({ id, word })));
  await tx.query(
    `insert into contacts.word (org_id, book_id, contact_id, word)
     select core.current_org(), $2::uuid, w.id, w.word from jsonb_to_recordset($1::jsonb) as w(id uuid, word text)`,
    [JSON.stringify(words), bookId],
  );
}

/** Finds cards by what is written in them again, after they were deleted. */
export async function findAgain(
  tx: Tx,
  contacts: readonly { id: string; bookId: string; input: ContactInput; name: string; card: Card }[],
): Promise<void> {
  const byBook = Map.groupBy(contacts, ({ bookId }) => bookId);
  for (const [bookId, some] of byBook) {
    await insertFound(
      tx,
      bookId,
      some.map(({ id, input, name, card }) => ({
        id,
        ways: waysOf(input, card.numbers),
        words: wordsOf(input, name, card.numbers),
      })),
    );
  }
}

/** A company that was named is the card of that name in the book; one that was chosen must be a company of the same book. */
async function linkCompanies(
  tx: Tx,
  bookId: string,
  contacts: readonly Written[],
): Promise<readonly Written[]> {
  const ids = contacts.flatMap(({ input }) => input.companyId ?? []);
  const keys = contacts.flatMap(({ input }) =>
    input.kind === 'person' && input.companyId === null && input.organisation !== ''
      ? [sortKeyOf(input.organisation)]
      : [],
  );
  if (ids.length === 0 && keys.length === 0) return contacts;
  const companies = await tx.query<{ id: string; name: string; sort_key: string }>(
    `select id, name, sort_key from contacts.contact
     where book_id = $1 and kind = 'company' and deleted_at is null
       and (id = any($2::uuid[]) or sort_key = any($3::text[])) order by id`,
    [bookId, ids, keys],
  );
  const byId = new Map(companies.map((company) => [company.id, company]));
  const byKey = new Map(companies.toReversed().map((company) => [company.sort_key, company]));
  return contacts.map((contact) => {
    const { input } = contact;
    if (input.kind === 'company') return { ...contact, input: { ...input, companyId: null } };
    const chosen = input.companyId === null ? undefined : byId.get(input.companyId);
    if (input.companyId !== null && !chosen) {
      throw invalid('This company is not in the same address book.', [
        { path: 'body.companyId', message: 'Choose a company of this book, or write its name.' },
      ]);
    }
    const company = chosen ?? byKey.get(sortKeyOf(input.organisation));
    if (!company || company.id === contact.id) return contact;
    return {
      ...contact,
      input: { ...input, companyId: company.id, organisation: cut(company.name, 200) },
    };
  });
}
