import { type Actor, notFound, Problem, personOf, type Right } from '@liaison/core/contract';
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

interface ConversationRow extends Record<string, unknown> {
  readonly id: string;
  readonly space_id: string;
  readonly kind: 'direct' | 'team';
  readonly archived: boolean;
  readonly asker: string;
  readonly level: number | null;
}

/** The row and the rights in one statement: nearly everything in chat begins with it. */
const readConversation = (tx: Tx, conversationId: string, actors: readonly Actor[]) =>
  tx.query<ConversationRow>(
    `select c.id, c.space_id, c.kind, c.archived_at is not null as archived, a.asker,
       core.right_of(a.asker, s.id, c.id, null) as level
     from chat.conversation c
       cross join unnest($2::uuid[]) as a(asker)
       left join core.space s on s.id = c.space_id
     where c.id = $1`,
    [conversationId, actors.map((actor) => personOf(actor) ?? nobody)],
  );

/** An asker who is no person: rights are found for her by what is granted to all. */
const nobody = '00000000-0000-0000-0000-000000000000';

function accessOf(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  row: ConversationRow | undefined,
  needed: Right,
): ConversationAccess {
  if (!row) throw notFound('This conversation');
  const right = spaces.decide(tx, actor, row.level, needed);
  return { id: row.id, spaceId: row.space_id, kind: row.kind, archived: row.archived, right };
}

/** The only way to a conversation for somebody; writing into an archived one is refused like reading a missing one is. */
export async function conversationFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  conversationId: string,
  needed: Right,
): Promise<ConversationAccess> {
  const [row] = await readConversation(tx, conversationId, [actor]);
  return accessOf(tx, spaces, actor, row, needed);
}

/** The same for several people of one organisation at once: whoever may not has her refusal in her place. */
export async function conversationForEach(
  tx: Tx,
  spaces: Spaces,
  actors: readonly Actor[],
  conversationId: string,
  needed: Right,
): Promise<(ConversationAccess | Problem)[]> {
  const rows = await readConversation(tx, conversationId, actors);
  return actors.map((actor) => {
    try {
      const asker = personOf(actor) ?? nobody;
      const row = rows.find((each) => each.asker === asker);
      return accessOf(tx, spaces, actor, row, needed);
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  });
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
