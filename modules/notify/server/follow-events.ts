import type { OutboxEvent } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { NewsSource } from '@liaison/core/news';
import { reactTo } from '@liaison/core/outbox';
import { grantChanged, memberLeft, memberRoleChanged } from '@liaison/core/spaces';
import { installedSince } from './across-organisations.ts';
import { forgetItems, forgetUnreadable } from './actions/forget-news.ts';
import { markReadElsewhere } from './actions/mark-read.ts';
import { tellChanged } from './actions/tell-changed.ts';
import { type Written, writeNews } from './actions/write-news.ts';
import type { Figures } from './figures.ts';
import type { Kinds } from './kinds.ts';

/** So many events go in one transaction, which locks everybody they concern. */
const mostAtOnce = 50;

/**
 * Hears what modules offer, and keeps whom it concerns; forgets what people may not read any more.
 *
 * @param push is handed what is to be pushed, after it is written; again when the reaction runs again.
 */
export function followEvents(
  { db, outbox, ids }: Pick<Core, 'db' | 'outbox' | 'ids'>,
  {
    sources,
    kinds,
    figures,
  }: { sources: readonly NewsSource[]; kinds: Kinds; figures: Pick<Figures, 'wrote'> },
  push: (orgId: string, toPush: Written['toPush']) => Promise<void>,
): void {
  const { emit } = outbox;
  let since: Promise<Date> | undefined;
  const isNews = async (event: OutboxEvent): Promise<boolean> => {
    since ??= installedSince(db);
    since.catch(() => {
      since = undefined;
    });
    return event.at >= (await since);
  };

  async function follow(events: readonly OutboxEvent[]): Promise<void> {
    const [first] = events;
    if (!first) return;
    // All of one organisation.
    const { orgId, name } = first;
    const { toPush, written } = await db.transaction(orgId, async (tx) => {
      let many = 0;
      const changed = new Set<string>();
      const due: Written['toPush'][number][] = [];
      for (const source of sources) {
        for (const heard of source.hears) {
          if (heard.event !== name) continue;
          const { news = [], read = [], gone = [] } = await heard.outcome(tx, events);
          const written = await writeNews(tx, { kinds, source, nextId: () => ids.next() }, news);
          many += written.personIds.length;
          due.push(...written.toPush);
          for (const personId of [
            ...written.personIds,
            ...(await markReadElsewhere(tx, read)),
            ...(await forgetItems(tx, gone)),
          ]) {
            changed.add(personId);
          }
        }
      }
      await tellChanged(tx, emit, changed);
      return { toPush: due, written: many };
    });
    figures.wrote(written);
    if (toPush.length > 0) await push(orgId, toPush);
  }

  const handleMany = async (events: readonly OutboxEvent[]): Promise<void> => {
    const fresh: OutboxEvent[] = [];
    for (const event of events) if (await isNews(event)) fresh.push(event);
    for (let from = 0; from < fresh.length; from += mostAtOnce) {
      await follow(fresh.slice(from, from + mostAtOnce));
    }
  };
  const names = new Set(sources.flatMap(({ hears }) => hears.map(({ event }) => event)));
  for (const event of names) {
    outbox.react({
      name: `notify.hear-${event}`,
      events: [event],
      handle: (one) => handleMany([one]),
      handleMany,
    });
  }

  outbox.react(
    reactTo('notify.forget-who-left', memberLeft, async ({ orgId, payload: { personId } }) =>
      db.transaction(orgId, async (tx) => {
        await tellChanged(tx, emit, await forgetUnreadable(tx, { personId }));
      }),
    ),
  );
  for (const event of [memberRoleChanged, grantChanged]) {
    outbox.react({
      name: `notify.forget-unreadable-after-${event.name}`,
      events: [event.name],
      handle: async ({ orgId, payload }) => {
        const spaceId = String(payload[event.stream]);
        await db.transaction(orgId, async (tx) => {
          await tellChanged(tx, emit, await forgetUnreadable(tx, { spaceId }));
        });
      },
    });
  }
}
