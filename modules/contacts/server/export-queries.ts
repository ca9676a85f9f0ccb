import type { Tx } from '@liaison/core/db';
import type { TableWidth } from './csv/write-row.ts';
import { type ContactRecord, columns, withCompany } from './rows.ts';

export const pageCards = 200;

/** How many of each kind the fullest card of a book has. */
export async function readWidth(tx: Tx, bookId: string): Promise<TableWidth> {
  const [row] = await tx.query<Record<keyof TableWidth, number>>(
    `select ${['numbers', 'emails', 'sip', 'addresses']
      .map((kind) => `coalesce(max(jsonb_array_length(card->'${kind}')), 0)::int as ${kind}`)
      .join(', ')} from contacts.contact where book_id = $1 and deleted_at is null`,
    [bookId],
  );
  return row ?? { numbers: 0, emails: 0, sip: 0, addresses: 0 };
}

/** The next cards of a book by name. */
export async function readToExport(
  tx: Tx,
  bookId: string,
  after: Pick<ContactRecord, 'sort_key' | 'id'> | undefined,
): Promise<ContactRecord[]> {
  return tx.query<ContactRecord>(
    `select ${columns} from contacts.contact c ${withCompany}
     where c.book_id = $1 and c.deleted_at is null and (c.sort_key, c.id) > ($2, $3::uuid)
     order by c.sort_key, c.id limit ${pageCards}`,
    [bookId, after?.sort_key ?? '', after?.id ?? '00000000-0000-0000-0000-000000000000'],
  );
}
