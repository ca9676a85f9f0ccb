import type { Tx } from '@liaison/core/db';
import type { NewsRead } from '@liaison/core/news';
import { lockPersons } from './write-news.ts';

/** What a person marks as read in the list itself. */
export type Marked =
  | { readonly newsIds: readonly string[] }
  | { readonly groupIds: readonly string[] }
  | { readonly until: Date };

/** Marks her own news as read; a digest with all that it gathers. Answers whether anything was unread. */
export async function markRead(tx: Tx, personId: string, marked: Marked): Promise<boolean> {
  const [which, value] =
    'newsIds' in marked
      ? ['n.id = any($2::uuid[])', marked.newsIds]
      : 'groupIds' in marked
        ? ['n.group_id = any($2::uuid[]) and n.digest_id is null', marked.groupIds]
        : ['n.at <= $2::timestamptz', marked.until];
  await lockPersons(tx, [personId]);
  const rows = await tx.query<{ id: string }>(
    `update notify.news n set read_at = now(), push_due = false
     where n.person_id = $1 and n.read_at is null and not n.waits and ${which} returning n.id`,
    [personId, value],
  );
  if (rows.length === 0) return false;
  const ids = rows.map(({ id }) => id);
  await tx.query(
    'update notify.news set read_at = now() where person_id = $1 and read_at is null and digest_id = any($2::uuid[])',
    [personId, ids],
  );
  await closeDigests(tx, [personId]);
  return true;
}

/** What was read at its own place. Answers whose news were unread. */
export async function markReadElsewhere(tx: Tx, reads: readonly NewsRead[]): Promise<string[]> {
  if (reads.length === 0) return [];
  await lockPersons(tx, [...new Set(reads.map(({ personId }) => personId))]);
  const readers = new Set<string>();
  for (const read of reads) {
    const rows =
      'items' in read
        ? await tx.query<{ id: string }>(
            `update notify.news set read_at = now(), push_due = false, waits = false
             where person_id = $1 and read_at is null and item = any($2::text[]) returning id`,
            [read.personId, read.items],
          )
        : await tx.query<{ id: string }>(
            `update notify.news set read_at = now(), push_due = false, waits = false
             where person_id = $1 and read_at is null and group_id = notify.group_of($1, $2)
               and ($3::bigint is null or place_in_group <= $3) and ($4::text[] is null or kind = any($4::text[]))
             returning id`,
            [read.personId, read.group, read.upTo ?? null, read.kinds ?? null],
          );
    if (rows.length > 0) readers.add(read.personId);
  }
  await closeDigests(tx, [...readers]);
  return [...readers];
}

/** A digest of which everything was read is read. */
async function closeDigests(tx: Tx, personIds: readonly string[]): Promise<void> {
  await tx.query(
    `update notify.news d set read_at = now(), push_due = false
     where d.person_id = any($1::uuid[]) and d.read_at is null and d.kind = 'notify.digest' and not exists (
       select from notify.news n where n.digest_id = d.id and n.read_at is null)`,
    [personIds],
  );
}
