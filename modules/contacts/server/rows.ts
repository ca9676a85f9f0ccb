import { rights } from '@liaison/core/contract';
import type { Contact, ContactInput, ContactKind, ContactRow, KeptNumber } from '../contract/index.ts';

/** What `card` holds: everything that no column of its own has. */
export type Card = Omit<ContactInput, 'kind' | 'name' | 'birthday' | 'labels' | 'companyId' | 'numbers'> & {
  /** As it was given; the column holds what lists show. */
  readonly givenName: string;
  readonly numbers: readonly KeptNumber[];
};

/** A property that this suite does not know, as jCard writes it (RFC 7095 §3.3). */
export type KeptProperty = readonly [name: string, parameters: object, type: string, ...values: unknown[]];

export interface ContactRecord extends Record<string, unknown> {
  readonly id: string;
  readonly book_id: string;
  readonly version: number;
  readonly kind: ContactKind;
  readonly name: string;
  readonly sort_key: string;
  readonly family_key: string;
  readonly company_id: string | null;
  readonly company_name: string | null;
  readonly birth_year: number | null;
  readonly birth_month: number | null;
  readonly birth_day: number | null;
  readonly labels: readonly string[];
  readonly card: Card;
  readonly kept: readonly KeptProperty[];
  readonly photo: string | null;
  readonly changed_at: Date;
  readonly changed_by: string | null;
}

/** Columns of `contacts.contact c` and its company that `toContact` and `toRow` read. */
export const columns = `c.id, c.book_id, c.version, c.kind, c.name, c.sort_key, c.family_key, c.company_id, f.name as company_name,
  c.birth_year, c.birth_month, c.birth_day, c.labels, c.card, c.kept, c.photo, c.changed_at, c.changed_by`;
export const withCompany =
  'left join contacts.contact f on f.id = c.company_id and f.book_id = c.book_id and f.deleted_at is null';

/** A photo never changes under its name; a part of that is enough to tell one from the next. */
export const photoVersion = (sha256: string | null): string | null => sha256?.slice(0, 16) ?? null;

/** A card as it was given, so that what is made of it can be written back. */
export function toInput(row: ContactRecord): ContactInput {
  const { givenName, ...card } = row.card;
  return {
    ...card,
    kind: row.kind,
    name: givenName,
    organisation: row.company_name ?? card.organisation,
    companyId: row.company_name === null ? null : row.company_id,
    numbers: card.numbers.map(({ label, number }) => ({ label, number })),
    birthday:
      row.birth_month === null || row.birth_day === null
        ? null
        : { year: row.birth_year, month: row.birth_month, day: row.birth_day },
    labels: [...row.labels],
  };
}

export function toContact(row: ContactRecord, level: number): Contact {
  return {
    ...toInput(row),
    name: row.name,
    numbers: [...row.card.numbers],
    id: row.id,
    bookId: row.book_id,
    version: row.version,
    photo: photoVersion(row.photo),
    changedAt: row.changed_at.toISOString(),
    changedById: row.changed_by,
    right: rights[level] as Contact['right'],
  };
}

export const toRow = (row: ContactRecord): ContactRow => ({
  id: row.id,
  bookId: row.book_id,
  kind: row.kind,
  name: row.name,
  organisation: row.company_name ?? row.card.organisation,
  title: row.card.title,
  photo: photoVersion(row.photo),
  number: row.card.numbers[0] ?? null,
  email: row.card.emails[0]?.address ?? null,
  labels: [...row.labels],
  version: row.version,
});
