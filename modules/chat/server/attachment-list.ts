import { invalid } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { SentFiles } from '@liaison/files';
import type { SentAttachment } from '../contract/index.ts';
import { toAttachment } from './queries.ts';

const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A page of a conversation's files; `cursor` is the last one of the page before. Ids are of the order in which they came. */
export async function readAttachments(
  tx: Tx,
  files: SentFiles,
  conversationId: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ rows: SentAttachment[]; next: string | null }> {
  if (cursor !== undefined && !isId.test(cursor)) {
    throw invalid('This page was not found; begin with the first.');
  }
  const rows = await tx.query<{
    id: string;
    name: string;
    media_type: string;
    bytes: number;
    width: number | null;
    height: number | null;
    node_id: string | null;
    message_id: string;
    seq: number;
    thread_id: string | null;
    author_id: string | null;
    sent_at: Date;
  }>(
    `select a.id, a.name, a.media_type, a.bytes, a.width, a.height, a.node_id, a.message_id, m.seq, m.thread_id, m.author_id,
       m.sent_at
     from chat.attachment a join chat.message m on m.id = a.message_id
     where a.conversation_id = $1 and a.message_id is not null and ($2::uuid is null or a.id < $2::uuid)
     order by a.id desc limit $3`,
    [conversationId, cursor ?? null, limit + 1],
  );
  const page = rows.slice(0, limit);
  const { here } = await files.find(
    tx,
    page.flatMap(({ node_id }) => node_id ?? []),
  );
  return {
    rows: page.map((row) => ({
      ...toAttachment(row, here),
      messageId: row.message_id,
      conversationId,
      seq: row.seq,
      threadId: row.thread_id,
      authorId: row.author_id,
      sentAt: row.sent_at.toISOString(),
    })),
    next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}
