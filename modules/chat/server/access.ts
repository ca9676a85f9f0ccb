import { type Actor, notFound, type Right } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Spaces } from '@liaison/core/spaces';
import type { ChatTables } from './tables.ts';

export interface ConversationAccess {
  readonly id: string;
  readonly spaceId: string;
  readonly kind: 'direct' | 'team';
  readonly archived: boolean;
  readonly right: Right;
}

/** The only way to a conversation for somebody; writing into an archived one is refused like reading a missing one is. */
export async function conversationFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  conversationId: string,
  needed: Right,
): Promise<ConversationAccess> {
  const row = await tx
    .as<ChatTables>()
    .selectFrom('chat.conversation')
    .select(['id', 'space_id', 'kind', 'archived_at'])
    .where('id', '=', conversationId)
    .executeTakeFirst();
  if (!row) throw notFound('This conversation');
  const right = await spaces.require(tx, actor, { spaceId: row.space_id, containerId: row.id }, needed);
  return { id: row.id, spaceId: row.space_id, kind: row.kind, archived: row.archived_at !== null, right };
}

export interface MessageAccess {
  readonly id: string;
  readonly seq: number;
  readonly authorId: string | null;
  readonly version: number;
  readonly threadId: string | null;
  readonly deleted: boolean;
  readonly conversation: ConversationAccess;
}

/** The only way to a message for somebody: through its conversation. */
export async function messageFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  messageId: string,
  needed: Right,
): Promise<MessageAccess> {
  const row = await tx
    .as<ChatTables>()
    .selectFrom('chat.message')
    .select(['id', 'seq', 'author_id', 'version', 'thread_id', 'deleted_at', 'conversation_id'])
    .where('id', '=', messageId)
    .executeTakeFirst();
  if (!row) throw notFound('This message');
  return {
    id: row.id,
    seq: row.seq,
    authorId: row.author_id,
    version: row.version,
    threadId: row.thread_id,
    deleted: row.deleted_at !== null,
    conversation: await conversationFor(tx, spaces, actor, row.conversation_id, needed),
  };
}
