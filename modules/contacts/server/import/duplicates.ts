import type { Tx } from '@liaison/core/db';
import { foldText } from '@liaison/people';
import { bounds, type ContactInput, type DuplicateChoice } from '../../contract/index.ts';
import { emailKey, nameOf, nearKeyOf, sipKey } from '../derive.ts';
import { type ContactRecord, columns, type KeptProperty, toInput, withCompany } from '../rows.ts';
import { multipleLines } from './clean-text.ts';

/** A card among which another may be, whether the book has it or the file brought it before. */
export interface Known {
  readonly id: string;
  readonly isNew: boolean;
  input: ContactInput;
  kept: readonly KeptProperty[];
  /** Undefined where it stays as it is. */
  photo: string | null | undefined;
  readonly hasPhoto: boolean;
  isChanged: boolean;
}

/** Of a name that very many have, so many are looked at. */
const perName = 20;

const digits = (number: string): string => number.replace(/\D/g, '').slice(-8);
const waysIn = (input: ContactInput): Set<string> =>
  new Set([
    // A number may be written with its country on one card and without on the other.
    ...input.numbers.map(({ number }) => `n${digits(number)}`),
    ...input.emails.map(({ address }) => `e${emailKey(address)}`),
    ...input.sip.map(({ address }) => `s${sipKey(address)}`),
  ]);

const wordsOfName = (input: ContactInput): string =>
  foldText(nameOf(input))
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .sort()
    .join(' ');

/**
 * Nearly the same name, and a number or an address in common; or the same name, and none on one of the sides. A number alone says nothing: it may be the
 * switchboard's.
 */
export function isSame(one: ContactInput, other: ContactInput): boolean {
  if (one.kind !== other.kind) return false;
  const [ways, others] = [waysIn(one), waysIn(other)];
  // Where nothing else speaks for it, the name must be the same, not nearly.
  if (ways.size === 0 || others.size === 0) return wordsOfName(one) === wordsOfName(other);
  return [...ways].some((way) => others.has(way));
}

/** The cards of a book that are called nearly as some that come. */
export async function knownByName(
  tx: Tx,
  bookId: string,
  inputs: readonly ContactInput[],
): Promise<Map<string, Known[]>> {
  const keys = [...new Set(inputs.map((input) => nearKeyOf(nameOf(input))))].filter((key) => key !== '');
  const rows = await tx.query<ContactRecord & { near_key: string }>(
    `select c.near_key, ${columns} from unnest($2::text[]) as k(near_key) cross join lateral (
       select * from contacts.contact c where c.book_id = $1 and c.near_key = k.near_key and c.deleted_at is null
       order by c.id limit ${perName}) c ${withCompany}`,
    [bookId, keys],
  );
  const known = new Map<string, Known[]>();
  for (const row of rows) {
    remember(known, row.near_key, {
      id: row.id,
      isNew: false,
      input: toInput(row),
      kept: row.kept,
      photo: undefined,
      hasPhoto: row.photo !== null,
      isChanged: false,
    });
  }
  return known;
}

export function remember(known: Map<string, Known[]>, key: string, card: Known): void {
  const same = known.get(key) ?? [];
  if (same.length < perName * 2) same.push(card);
  known.set(key, same);
}

export const findSame = (known: ReadonlyMap<string, Known[]>, input: ContactInput): Known | undefined =>
  known.get(nearKeyOf(nameOf(input)))?.find((card) => isSame(card.input, input));

/** Puts into a card what it has not yet. @returns what became of the one that came. */
export function takeInto(
  card: Known,
  incoming: { input: ContactInput; kept: readonly KeptProperty[]; photo: string | null },
  choice: Exclude<DuplicateChoice, 'add'>,
): 'skipped' | 'merged' {
  if (choice === 'skip') return 'skipped';
  const input = joinInputs(card.input, incoming.input);
  // A card has one name among programs: its own.
  const known = new Set(card.kept.map((each) => JSON.stringify(each)));
  const kept = [
    ...card.kept,
    ...incoming.kept.filter((each) => each[0] !== 'uid' && !known.has(JSON.stringify(each))),
  ];
  const takesKept = kept.length > card.kept.length && JSON.stringify(kept).length <= 96 * 1024;
  const takesPhoto = incoming.photo !== null && !card.hasPhoto && !card.photo;
  if (JSON.stringify(input) === JSON.stringify(card.input) && !takesKept && !takesPhoto) return 'skipped';
  card.input = input;
  if (takesKept) card.kept = kept;
  if (takesPhoto) card.photo = incoming.photo;
  card.isChanged = true;
  return 'merged';
}

/** What one has stays; what it has not comes from the other. */
export function joinInputs(one: ContactInput, other: ContactInput): ContactInput {
  const joined = <T>(
    first: readonly T[],
    second: readonly T[],
    max: number,
    keyOf: (each: T) => string,
  ): T[] => {
    const keys = new Set(first.map(keyOf));
    return [...first, ...second.filter((each) => !keys.has(keyOf(each)))].slice(
      0,
      Math.max(max, first.length),
    );
  };
  const notes =
    other.notes === '' || one.notes.includes(other.notes)
      ? one.notes
      : multipleLines([one.notes, other.notes].filter(Boolean).join('\n\n'), bounds.noteCharacters);
  return {
    ...one,
    // A name that was made of others' parts would be a third one: only whole names come over.
    ...(one.given === '' && one.family === ''
      ? {
          given: other.given,
          family: other.family,
          prefix: other.prefix,
          additional: other.additional,
          suffix: other.suffix,
        }
      : {}),
    nickname: one.nickname || other.nickname,
    organisation: one.organisation || other.organisation,
    title: one.title || other.title,
    birthday: one.birthday ?? other.birthday,
    notes,
    numbers: joined(one.numbers, other.numbers, bounds.numbers, ({ number }) => digits(number)),
    emails: joined(one.emails, other.emails, bounds.emails, ({ address }) => emailKey(address)),
    sip: joined(one.sip, other.sip, bounds.emails, ({ address }) => sipKey(address)),
    addresses: joined(one.addresses, other.addresses, bounds.addresses, ({ label: _, ...rest }) =>
      JSON.stringify(rest).toLowerCase(),
    ),
    webPages: joined(one.webPages, other.webPages, bounds.webPages, (page) => page.toLowerCase()),
    languages: joined(one.languages, other.languages, bounds.languages, (tag) => tag.toLowerCase()),
    labels: joined(one.labels, other.labels, bounds.labels, (label) => label.toLowerCase()),
  };
}
