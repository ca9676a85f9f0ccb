import { conflict, invalid, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import { sql } from 'kysely';
import { messageChanged, messageSent } from '../../contract/index.ts';
import type { ConversationAccess } from '../access.ts';
import { mentionsIn } from '../mentions.ts';
import type { ChatTables } from '../tables.ts';

export interface NewMessage {
  readonly clientKey: string;
  readonly body: string;
  readonly threadId: string | null;
  readonly attachmentIds: readonly string[];
}

/**
 * Writes one message and its order number. A resend with the same key changes nothing and answers the first one's id.
 * The conversation's row is locked from here to commit, so it comes last of what can be done before.
 */
export async function sendMessage(
  tx: Tx,
  { emit, nextId }: { emit: Emit; nextId(): string },
  actor: PersonActor,
  conversation: ConversationAccess,
  message: NewMessage,
): Promise<string> {
  const chat = tx.as<ChatTables>();
  const sent = () =>
    chat
      .selectFrom('chat.message')
      .select('id')
      .where('conversation_id', '=', conversation.id)
      .where('author_id', '=', actor.personId)
      .where('client_key', '=', message.clientKey)
      .executeTakeFirst();
  const before = await sent();
  if (before) return before.id;
  if (conversation.archived) throw conflict('archived', 'This conversation is closed; nothing can be added.');
  if (message.threadId !== null) {
    const root = await chat
      .selectFrom('chat.message')
      .select(['conversation_id', 'thread_id'])
      .where('id', '=', message.threadId)
      .executeTakeFirst();
    if (root?.conversation_id !== conversation.id) throw notFound('This thread');
    if (root.thread_id !== null) throw invalid('A reply has no thread of its own.');
  }

  const row = await chat
    .selectFrom('chat.conversation')
    .select('last_seq')
    .where('id', '=', conversation.id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  // Two resends at once: the second waited for the lock above and finds the first one's message now.
  const meanwhile = await sent();
  if (meanwhile) return meanwhile.id;
  const seq = row.last_seq + 1;

  const id = nextId();
  await chat
    .insertInto('chat.message')
    .values({
      id,
      org_id: actor.orgId,
      conversation_id: conversation.id,
      seq,
      author_id: actor.personId,
      client_key: message.clientKey,
      body: message.body,
      mentions: mentionsIn(message.body),
      thread_id: message.threadId,
    })
    .execute();
  if (message.attachmentIds.length > 0) await attach(tx, actor, conversation.id, id, message.attachmentIds);

  const payload = { spaceId: conversation.spaceId, conversationId: conversation.id };
  const news = message.threadId === null ? { last_message_id: id, last_at: sql<Date>`now()` } : {};
  await chat
    .updateTable('chat.conversation')
    .set({ last_seq: seq, ...news })
    .where('id', '=', conversation.id)
    .execute();
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
  return id;
}

/** Ties uploaded files to the message, in the order given; only the actor's own, of this conversation, and not yet sent. */
async function attach(
  tx: Tx,
  actor: PersonActor,
  conversationId: string,
  messageId: string,
  ids: readonly string[],
): Promise<void> {
  for (const [place, id] of ids.entries()) {
    const result = await tx
      .as<ChatTables>()
      .updateTable('chat.attachment')
      .set({ message_id: messageId, place })
      .where('id', '=', id)
      .where('conversation_id', '=', conversationId)
      .where('uploader_id', '=', actor.personId)
      .where('message_id', 'is', null)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) throw notFound('One of the files');
  }
}
