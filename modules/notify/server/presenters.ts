import type { Core } from '@liaison/core/floor';
import { type NewsChanged, newsChanged, preferencesChanged } from '../contract/index.ts';
import { countOf } from './queries.ts';

/** Pages hear how many news there are by now, and that preferences changed. */
export function addPresenters({ live, db }: Core): void {
  live.present(newsChanged, async (orgId, events) => {
    const personIds = [...new Set(events.map(({ payload }) => payload.personId))];
    const counts = await db.read(
      orgId,
      async (tx) =>
        new Map(await Promise.all(personIds.map(async (id) => [id, await countOf(tx, id)] as const))),
    );
    return events.map(({ payload: { personId } }) => ({
      data: { count: counts.get(personId) ?? { unread: 0, needsMe: 0 } } satisfies NewsChanged,
      only: [personId],
    }));
  });
  live.present(preferencesChanged, async (_orgId, events) =>
    events.map(({ payload: { personId } }) => ({ data: {}, only: [personId] })),
  );
}
