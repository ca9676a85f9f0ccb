import type { Audit } from '@liaison/core/audit';
import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { Spaces } from '@liaison/core/spaces';
import { contactsChanged } from '../../contract/index.ts';

/** What actions need of the floor. */
export interface Needs {
  readonly emit: Emit;
  readonly spaces: Spaces;
  readonly audit: Audit;
  readonly site: number;
  nextId(): string;
}

/** Tells pages which cards of a book are not as they were. */
export function tellChanged(
  tx: Tx,
  { emit }: Pick<Needs, 'emit'>,
  book: { readonly id: string; readonly spaceId: string },
  contactIds: readonly string[],
): void {
  for (let from = 0; from < contactIds.length; from += 1000) {
    emit(tx, contactsChanged, {
      spaceId: book.spaceId,
      bookId: book.id,
      contactIds: contactIds.slice(from, from + 1000),
    });
  }
}
