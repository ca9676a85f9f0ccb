import { conflict, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { Spaces } from '@liaison/core/spaces';
import type { People } from '@liaison/people';
import { conversationCreated } from '../../contract/index.ts';
import type { ChatTables } from '../tables.ts';

/** Finds or makes the one direct conversation of two people; a space of its own, with both as members. */
export async function openDirect(
  tx: Tx,
  needs: { emit: Emit; nextId(): string; spaces: Spaces; people: Pick<People, 'find'>; site: number },
  actor: PersonActor,
  personId: string,
): Promise<string> {
  if (personId === actor.personId) throw conflict('oneself', 'Choose somebody else to write to.');
  const other = await needs.people.find(tx, personId);
  if (!other) throw notFound('This person');
  const [oneId, otherId] = [actor.personId, personId].sort() as [string, string];
  const chat = tx.as<ChatTables>();
  // Both may open it at the same moment.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [`${oneId} ${otherId}`]);
  const found = await chat
    .selectFrom('chat.direct')
    .select('conversation_id')
    .where('one_id', '=', oneId)
    .where('other_id', '=', otherId)
    .executeTakeFirst();
  if (found) return found.conversation_id;
  const space = await needs.spaces.create(tx, {
    kind: 'direct',
    name: '',
    members: [
      { personId: actor.personId, role: 'member' },
      { personId, role: 'member' },
    ],
  });
  const id = needs.nextId();
  await chat
    .insertInto('chat.conversation')
    .values({
      id,
      org_id: actor.orgId,
      space_id: space.id,
      home_site: needs.site,
      kind: 'direct',
      title: '',
      last_message_id: null,
    })
    .execute();
  await chat
    .insertInto('chat.direct')
    .values({ org_id: actor.orgId, one_id: oneId, other_id: otherId, conversation_id: id })
    .execute();
  needs.emit(tx, conversationCreated, { spaceId: space.id, conversationId: id });
  return id;
}
