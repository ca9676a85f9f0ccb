import { rights } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { SentFiles } from '@liaison/files';
import type { Message } from '../contract/index.ts';
import { readMessages } from './queries.ts';

const reading = rights.indexOf('read');

/** So many conversations that both are in are looked through, those lately written in first, and so many messages of each. */
const lookedAt = { conversations: 20, messages: 200 } as const;

/**
 * The newest words between two people, without an index by author, which each message that is sent would pay for: conversations
 * are read from their ends.
 */
export async function readWordsWith(
  tx: Tx,
  files: SentFiles,
  me: string,
  personId: string,
  limit: number,
): Promise<Message[]> {
  const rows = await tx.query<{ id: string }>(
    `with shared as materialized (
       select c.id, c.kind from core.member m join chat.conversation c on c.space_id = m.space_id
         join core.member o on o.space_id = m.space_id and o.person_id = $2::uuid
       where m.person_id = $1::uuid and core.right_of($1::uuid, c.space_id, c.id, null) >= ${reading}
       order by c.kind = 'direct' desc, c.last_at desc limit ${lookedAt.conversations})
     select found.id from shared cross join lateral (
       select newest.id from (
         select m.id, m.author_id, m.deleted_at from chat.message m where m.conversation_id = shared.id
         order by m.seq desc limit ${lookedAt.messages}) newest
       where newest.deleted_at is null and (shared.kind = 'direct' or newest.author_id = $2::uuid)
       limit $3::integer) found
     order by found.id desc limit $3::integer`,
    [me, personId, limit],
  );
  return readMessages(
    tx,
    files,
    rows.map(({ id }) => id),
  );
}
