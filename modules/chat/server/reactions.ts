import type { OutboxEvent } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { reactTo } from '@liaison/core/outbox';
import { teamChanged, teamCreated } from '@liaison/people';
import { conversationChanged, conversationCreated, messageChanged, messageSent } from '../contract/index.ts';
import type { ChatTables } from './tables.ts';

/** What chat does after others' events and its own; each is safe to run twice. */
export function addReactions(core: Core): void {
  const { db, outbox, spaces, ids } = core;

  outbox.react(
    reactTo('chat.give-team-a-conversation', teamCreated, async ({ orgId, payload }) => {
      if (payload.kind !== 'team') return;
      await db.transaction(orgId, async (tx) => {
        const chat = tx.as<ChatTables>();
        await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [payload.spaceId]);
        const space = await spaces.find(tx, payload.spaceId);
        const there = await chat
          .selectFrom('chat.conversation')
          .select('id')
          .where('space_id', '=', payload.spaceId)
          .executeTakeFirst();
        if (!space || there) return;
        const id = ids.next();
        await chat
          .insertInto('chat.conversation')
          .values({
            id,
            org_id: orgId,
            space_id: space.id,
            home_site: core.settings.site.number,
            kind: 'team',
            title: space.name,
            last_message_id: null,
          })
          .execute();
        outbox.emit(tx, conversationCreated, { spaceId: space.id, conversationId: id }, { personId: null });
      });
    }),
  );

  outbox.react(
    reactTo('chat.follow-team', teamChanged, async ({ orgId, payload }) => {
      await db.transaction(orgId, async (tx) => {
        const space = await spaces.find(tx, payload.spaceId);
        if (!space) return;
        const changed = await tx
          .as<ChatTables>()
          .updateTable('chat.conversation')
          .set({ title: space.name, archived_at: space.archivedAt })
          .where('space_id', '=', space.id)
          .where('kind', '=', 'team')
          .returning('id')
          .execute();
        for (const { id } of changed) {
          outbox.emit(tx, conversationChanged, { spaceId: space.id, conversationId: id }, { personId: null });
        }
      });
    }),
  );

  /** The words of a message that has none yet (it was too long to find them at once), or that was changed. */
  const index = async (events: readonly OutboxEvent[]) => {
    const ids = new Map<string, boolean>();
    for (const event of events) {
      const { messageId } = messageSent.payload.parse(event.payload);
      ids.set(messageId, event.name === messageChanged.name || (ids.get(messageId) ?? false));
    }
    // All of one organisation.
    await db.transaction(events[0]!.orgId, (tx) =>
      tx.query(
        `update chat.message m set words = case when m.deleted_at is null
           then to_tsvector('simple', public.unaccent(m.body)) end
         from unnest($1::uuid[], $2::boolean[]) as e(id, changed)
         where m.id = e.id and (e.changed or (m.words is null and m.deleted_at is null))`,
        [[...ids.keys()], [...ids.values()]],
      ),
    );
  };
  outbox.react({
    name: 'chat.index-words',
    events: [messageSent.name, messageChanged.name],
    handle: (event) => index([event]),
    handleMany: index,
  });
}
