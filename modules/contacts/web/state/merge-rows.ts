import { foldText, type PersonSummary } from '@liaison/people';
import type { ContactRow } from '../../contract/index.ts';

/** A line of the list: somebody of the directory, or a card. */
export type ListRow =
  | { readonly kind: 'colleague'; readonly id: string; readonly person: PersonSummary }
  | { readonly kind: 'contact'; readonly id: string; readonly contact: ContactRow };

/** A list that is fetched page by page: what is here of it, in the order of names. */
export interface Part<Row> {
  readonly rows: readonly Row[];
  /** Nothing more comes. */
  readonly isWhole: boolean;
}

const keyOf = (name: string): string => foldText(name).slice(0, 160);

/**
 * Two lists by name as one. What comes after the end of a part that is not whole is held back: the next page of that part may
 * have names before it.
 */
export function mergeRows(colleagues: Part<PersonSummary>, contacts: Part<ContactRow>): ListRow[] {
  const left = colleagues.rows.map((person) => ({
    key: keyOf(person.name),
    row: { kind: 'colleague' as const, id: person.id, person },
  }));
  const right = contacts.rows.map((contact) => ({
    key: keyOf(contact.name),
    row: { kind: 'contact' as const, id: contact.id, contact },
  }));
  const ends = [
    colleagues.isWhole ? null : (left.at(-1)?.key ?? ''),
    contacts.isWhole ? null : (right.at(-1)?.key ?? ''),
  ].filter((end) => end !== null);
  const merged: ListRow[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [a, b] = [left[i], right[j]];
    const next = a && (!b || a.key <= b.key) ? a : b;
    if (!next || ends.some((end) => next.key > end)) return merged;
    merged.push(next.row);
    if (next === a) i += 1;
    else j += 1;
  }
}
