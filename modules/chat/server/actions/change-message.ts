import { conflict, covers, forbidden, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { SentFiles } from '@liaison/files';
import { sql } from 'kysely';
import { messageChanged } from '../../contract/index.ts';
import type { MessageAccess } from '../access.ts';
import { mentionsIn } from '../mentions.ts';
import type { ChatTables } from '../tables.ts';

/** Distinct emoji on one message, and people who give one: more say nothing more. */
const maxReactionKinds = 30;

async function keepVersion(tx: Tx, actor: PersonActor, messageId: string): Promise<void> {
  await tx.query(
    `insert into chat.message_version (org_id, message_id, version, body, written_at)
     select $1, id, version, body, coalesce(edited_at, sent_at) from chat.message where id = $2
     on conflict do nothing`,
    [actor.orgId, messageId],
  );
}

function tell(tx: Tx, emit: Emit, message: MessageAccess, version: number): void {
  emit(tx, messageChanged, {
    spaceId: message.conversation.spaceId,
    conversationId: message.conversation.id,
    messageId: message.id,
    seq: message.seq,
    version,
  });
}

/** Only its author edits a message. */
export async function editMessage(
  tx: Tx,
  emit: Emit,
  actor: PersonActor,
  message: MessageAccess,
  body: string,
): Promise<void> {
  if (message.authorId !== actor.personId) throw forbidden('only its author can change a message');
  if (message.deleted) throw conflict('deleted', 'This message was deleted.');
  await keepVersion(tx, actor, message.id);
  const { version } = await tx
    .as<ChatTables>()
    .updateTable('chat.message')
    .set({
      body,
      mentions: mentionsIn(body),
      version: sql<number>`version + 1`,
      edited_at: sql<Date>`now()`,
    })
    .where('id', '=', message.id)
    .returning('version')
    .executeTakeFirstOrThrow();
  tell(tx, emit, message, version);
}

/** Its author deletes a message, or who manages the space. The words are kept nowhere; its place in the order is. */
export async function deleteMessage(
  tx: Tx,
  { emit, files }: { readonly emit: Emit; readonly files: SentFiles },
  actor: PersonActor,
  message: MessageAccess,
): Promise<void> {
  if (message.authorId !== actor.personId && !covers(message.conversation.right, 'manage')) {
    throw forbidden('only its author or a manager can delete a message');
  }
  if (message.deleted) return;
  const chat = tx.as<ChatTables>();
  const attached = await chat
    .selectFrom('chat.attachment')
    .select('node_id')
    .where('message_id', '=', message.id)
    .execute();
  // Whoever answers with a file holds the tree and then wants this message.
  await files.takeBack(
    tx,
    actor,
    attached.flatMap(({ node_id }) => node_id ?? []),
  );
  await chat.deleteFrom('chat.message_version').where('message_id', '=', message.id).execute();
  await chat.deleteFrom('chat.reaction').where('message_id', '=', message.id).execute();
  await chat.deleteFrom('chat.attachment').where('message_id', '=', message.id).execute();
  const { version } = await chat
    .updateTable('chat.message')
    .set({
      body: '',
      mentions: [],
      version: sql<number>`version + 1`,
      deleted_at: sql<Date>`now()`,
      deleted_by: actor.personId,
    })
    .where('id', '=', message.id)
    .returning('version')
    .executeTakeFirstOrThrow();
  await tx.query('update chat.message set words = null where id = $1', [message.id]);
  tell(tx, emit, message, version);
}

export async function setReaction(
  tx: Tx,
  emit: Emit,
  actor: PersonActor,
  message: MessageAccess,
  { emoji, on }: { emoji: string; on: boolean },
): Promise<void> {
  if (message.deleted) throw conflict('deleted', 'This message was deleted.');
  const chat = tx.as<ChatTables>();
  let changed: bigint;
  if (on) {
    const kinds = await chat
      .selectFrom('chat.reaction')
      .select('emoji')
      .distinct()
      .where('message_id', '=', message.id)
      .execute();
    if (kinds.length >= maxReactionKinds && !kinds.some((kind) => kind.emoji === emoji)) {
      throw conflict('too-many', 'There are enough different reactions here.');
    }
    const result = await chat
      .insertInto('chat.reaction')
      .values({ org_id: actor.orgId, message_id: message.id, person_id: actor.personId, emoji })
      .onConflict((existing) => existing.doNothing())
      .executeTakeFirst();
    changed = result.numInsertedOrUpdatedRows ?? 0n;
  } else {
    const result = await chat
      .deleteFrom('chat.reaction')
      .where('message_id', '=', message.id)
      .where('person_id', '=', actor.personId)
      .where('emoji', '=', emoji)
      .executeTakeFirst();
    changed = result.numDeletedRows;
  }
  if (changed === 0n) return;
  const { version } = await chat
    .updateTable('chat.message')
    .set({ version: sql<number>`version + 1` })
    .where('id', '=', message.id)
    .returning('version')
    .executeTakeFirstOrThrow();
  tell(tx, emit, message, version);
}
