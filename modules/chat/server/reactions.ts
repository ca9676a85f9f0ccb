import type { OutboxEvent } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { reactTo } from '@liaison/core/outbox';
import { nodesChanged, type SentFiles } from '@liaison/files';
import { teamChanged, teamCreated } from '@liaison/people';
import { conversationChanged, conversationCreated, messageChanged, messageSent } from '../contract/index.ts';
import type { ChatTables } from './tables.ts';

/** Of how many files pages are told that a folder around them went, or is back; of older ones they hear when they ask. */
const toldOfFolder = 500;

async function sentAmong(tx: Tx, nodeIds: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ node_id: string }>(
    'select node_id from chat.attachment where node_id = any($1::uuid[])',
    [nodeIds],
  );
  return rows.map(({ node_id }) => node_id);
}

async function newestOf(tx: Tx, spaceId: string): Promise<string[]> {
  const rows = await tx.query<{ node_id: string }>(
    `select a.node_id from chat.conversation c cross join lateral (
       select a.id, a.node_id from chat.attachment a
       where a.conversation_id = c.id and a.message_id is not null order by a.id desc limit $2) a
     where c.space_id = $1 and a.node_id is not null order by a.id desc limit $2`,
    [spaceId, toldOfFolder],
  );
  return rows.map(({ node_id }) => node_id);
}

/** What chat does after others' events and its own; each is safe to run twice. */
export function addReactions(core: Core, files: SentFiles): void {
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

  outbox.react(
    reactTo('chat.follow-files', nodesChanged, async ({ orgId, payload: { spaceId, nodeIds: named } }) => {
      await db.transaction(orgId, async (tx) => {
        const sent = await sentAmong(tx, named);
        const newest = await newestOf(tx, spaceId);
        const isFolderIn = newest.length > 0 && (await files.find(tx, named)).folders.size > 0;
        const nodeIds = isFolderIn ? [...sent, ...newest] : sent;
        if (nodeIds.length === 0) return;
        const { here } = await files.find(tx, nodeIds);
        const rows = await tx.query<{
          id: string;
          conversation_id: string;
          space_id: string;
          seq: number;
          version: number;
        }>(
          `with told as (
             update chat.attachment a set removed = not (a.node_id = any($2::uuid[]))
             where a.node_id = any($1::uuid[]) and a.removed = (a.node_id = any($2::uuid[])) returning a.message_id)
           update chat.message m set version = version + 1
           from chat.conversation c
           where c.id = m.conversation_id and m.deleted_at is null and m.id in (select message_id from told)
           returning m.id, m.conversation_id, c.space_id, m.seq, m.version`,
          [nodeIds, [...here]],
        );
        for (const { id, conversation_id, space_id, seq, version } of rows) {
          const changed = { spaceId: space_id, conversationId: conversation_id, messageId: id, seq, version };
          outbox.emit(tx, messageChanged, changed, { personId: null });
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
