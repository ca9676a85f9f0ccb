import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { People } from '@liaison/people';
import { readMoved } from '../../contract/index.ts';
import type { ConversationAccess } from '../access.ts';

/** Moves the reader's mark forward, never back and never beyond the last message; answers where it is. */
export async function markRead(
  tx: Tx,
  { emit, people }: { emit: Emit; people: Pick<People, 'personalSpace'> },
  actor: PersonActor,
  conversation: ConversationAccess,
  seq: number,
): Promise<number> {
  const [moved] = await tx.query<{ read_seq: number }>(
    `insert into chat.read_state as r (org_id, conversation_id, person_id, read_seq)
     select $1, c.id, $3, least($4::bigint, c.last_seq) from chat.conversation c where c.id = $2
     on conflict (conversation_id, person_id) do update
       set read_seq = excluded.read_seq, at = now() where excluded.read_seq > r.read_seq
     returning read_seq`,
    [actor.orgId, conversation.id, actor.personId, seq],
  );
  if (!moved) {
    const [row] = await tx.query<{ read_seq: number }>(
      'select read_seq from chat.read_state where conversation_id = $1 and person_id = $2',
      [conversation.id, actor.personId],
    );
    return row?.read_seq ?? 0;
  }
  const spaceId = await people.personalSpace(tx, actor.personId);
  if (spaceId) emit(tx, readMoved, { spaceId, conversationId: conversation.id, readSeq: moved.read_seq });
  return moved.read_seq;
}
