import { conflict, invalid, notFound, type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { SentFiles } from '@liaison/files';
import { sql } from 'kysely';
import { type Message, messageChanged, messageSent } from '../../contract/index.ts';
import type { ConversationAccess } from '../access.ts';
import { mentionsIn } from '../mentions.ts';
import { readMessages } from '../queries.ts';
import type { ChatTables } from '../tables.ts';

export interface NewMessage {
  readonly clientKey: string;
  readonly body: string;
  readonly threadId: string | null;
  readonly attachmentIds: readonly string[];
}

/** Which messages were sent into this conversation with these keys of these people before. */
export const sentBefore = (
  tx: Tx,
  conversationId: string,
  keys: readonly { authorId: string; clientKey: string }[],
): Promise<{ id: string; author_id: string; client_key: string }[]> =>
  tx.query(
    `select m.id, m.author_id, m.client_key
     from unnest($2::uuid[], $3::uuid[]) as k(author_id, client_key)
     join chat.message m on m.conversation_id = $1 and m.author_id = k.author_id and m.client_key = k.client_key`,
    [conversationId, keys.map((key) => key.authorId), keys.map((key) => key.clientKey)],
  );

/**
 * The search's words of a short message, found as it is written: writing the row once more later would cost much more. A
 * long one waits for the reaction, so that the conversation does not wait for it.
 */
export const wordsOf = (body: string): string =>
  `case when length(${body}) <= 1000 then to_tsvector('simple', public.unaccent(${body})) end`;

/** Nothing is added to an archived conversation. */
export const closed = () => conflict('archived', 'This conversation is closed; nothing can be added.');

/**
 * Two resends at once: the one that came second finds the first one's message when the action runs once more. Its files, if it
 * has any, are what the first one has taken.
 */
export const isSentMeanwhile = (error: unknown): boolean => {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === 'file-lapsed' || (code === '23505' && constraint === 'message_once');
};

/**
 * Writes one message and its order number, after `sentBefore` found none with its key. The conversation's row is locked
 * from here to commit, so it comes last of what can be done before: its files are files of the space by then.
 * @throws Problem 413 `files-quota` where its files do not fit into the space, 404 `file-lapsed` where one is not there.
 * @throws what `isSentMeanwhile` knows when the same message was, or may have been, sent at this very moment.
 */
export async function sendMessage(
  tx: Tx,
  { emit, nextId, files }: { emit: Emit; nextId(): string; files: SentFiles },
  actor: PersonActor,
  conversation: ConversationAccess,
  message: NewMessage,
): Promise<Message> {
  const chat = tx.as<ChatTables>();
  if (conversation.archived) throw closed();
  if (message.threadId !== null) {
    const root = await chat
      .selectFrom('chat.message')
      .select(['conversation_id', 'thread_id'])
      .where('id', '=', message.threadId)
      .executeTakeFirst();
    if (root?.conversation_id !== conversation.id) throw notFound('This thread');
    if (root.thread_id !== null) throw invalid('A reply has no thread of its own.');
  }

  const id = nextId();
  if (message.attachmentIds.length > 0)
    await attach(tx, files, actor, conversation, id, message.attachmentIds);
  const mentions = mentionsIn(message.body);
  const [written] = await tx.query<{ seq: number; sent_at: Date }>(
    `with place as (
       update chat.conversation set last_seq = last_seq + 1,
         last_message_id = case when $8::uuid is null then $1::uuid else last_message_id end,
         last_at = case when $8::uuid is null then now() else last_at end
       where id = $3::uuid returning last_seq)
     insert into chat.message
       (id, org_id, conversation_id, seq, author_id, client_key, body, mentions, thread_id, words)
     select $1::uuid, $2::uuid, $3::uuid, place.last_seq, $4::uuid, $5::uuid, $6::text, $7::uuid[], $8::uuid,
       ${wordsOf('$6::text')}
     from place
     returning seq, sent_at`,
    [
      id,
      actor.orgId,
      conversation.id,
      actor.personId,
      message.clientKey,
      message.body,
      mentions,
      message.threadId,
    ],
  );
  if (!written) throw notFound('This conversation');
  const { seq } = written;

  const payload = { spaceId: conversation.spaceId, conversationId: conversation.id };
  if (message.threadId !== null) {
    const root = await chat
      .updateTable('chat.message')
      .set({
        replies: sql<number>`replies + 1`,
        version: sql<number>`version + 1`,
        last_reply_at: sql<Date>`now()`,
        repliers: sql<
          string[]
        >`(array[${actor.personId}::uuid] || array_remove(repliers, ${actor.personId}::uuid))[1:3]`,
      })
      .where('id', '=', message.threadId)
      .returning(['seq', 'version'])
      .executeTakeFirstOrThrow();
    emit(tx, messageChanged, {
      ...payload,
      messageId: message.threadId,
      seq: root.seq,
      version: root.version,
    });
  }
  emit(tx, messageSent, { ...payload, messageId: id, seq, version: 1 });
  if (message.attachmentIds.length > 0) {
    const [whole] = await readMessages(tx, files, [id]);
    return whole!;
  }
  return freshMessage(actor, conversation.id, message, { id, mentions, seq, sentAt: written.sent_at });
}

/** What has just been written without files needs no reading. */
export const freshMessage = (
  actor: PersonActor,
  conversationId: string,
  message: NewMessage,
  { id, mentions, seq, sentAt }: { id: string; mentions: string[]; seq: number; sentAt: Date },
): Message => ({
  id,
  conversationId,
  seq,
  version: 1,
  authorId: actor.personId,
  body: message.body,
  mentions,
  attachments: [],
  reactions: [],
  threadId: message.threadId,
  replies: 0,
  lastReplyAt: null,
  repliers: [],
  clientKey: message.clientKey,
  sentAt: sentAt.toISOString(),
  editedAt: null,
  deleted: false,
  removedById: null,
});

/**
 * Ties uploaded files to the message, in the order given; only the actor's own, of this conversation, and not yet sent. They are
 * files of its space from then on.
 */
export async function attach(
  tx: Tx,
  files: SentFiles,
  actor: PersonActor,
  conversation: Pick<ConversationAccess, 'id' | 'spaceId'>,
  messageId: string,
  ids: readonly string[],
): Promise<void> {
  const rows = await tx.query<{
    id: string;
    name: string;
    media_type: string;
    bytes: number;
    sha256: string;
  }>(
    `update chat.attachment a set message_id = $1, place = w.place - 1
     from unnest($2::uuid[]) with ordinality as w(id, place)
     where a.id = w.id and a.conversation_id = $3 and a.uploader_id = $4 and a.message_id is null
     returning a.id, a.name, a.media_type, a.bytes, a.sha256`,
    [messageId, ids, conversation.id, actor.personId],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const sent = ids.map((id) => {
    const row = byId.get(id);
    byId.delete(id);
    // Never there, another's, or swept away because no message took it in time.
    if (!row)
      throw new Problem(404, 'file-lapsed', 'One of the files was not found here, or is here no more.');
    return { name: row.name, mediaType: row.media_type, bytes: row.bytes, sha256: row.sha256 };
  });
  const nodeIds = await files.keep(tx, actor, { spaceId: conversation.spaceId, files: sent });
  await tx.query(
    `update chat.attachment a set node_id = w.node_id from unnest($1::uuid[], $2::uuid[]) as w(id, node_id)
     where a.id = w.id`,
    [ids, nodeIds],
  );
}
