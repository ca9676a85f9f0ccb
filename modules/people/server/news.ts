import { hears, type NewsItem, type NewsSource, type NewsText } from '@liaison/core/news';
import { memberJoined, memberLeft } from '@liaison/core/spaces';

const itemOf = (spaceId: string, personId: string): string => `people.member:${spaceId}:${personId}`;
const spaceOf = (item: string): string => item.split(':')[1] ?? '';

/** That somebody else made one a member of a team. */
export const news: NewsSource = {
  kinds: [{ kind: 'people.added-to-team', needsMe: false, usual: 'now' }],
  hears: [
    hears(memberJoined, async (tx, events) => {
      const added = events.filter(
        ({ personId, payload }) => personId !== null && personId !== payload.personId,
      );
      if (added.length === 0) return {};
      const teams = await tx.query<{ id: string }>(
        "select id from core.space where id = any($1::uuid[]) and kind = 'team'",
        [[...new Set(added.map(({ payload }) => payload.spaceId))]],
      );
      const known = new Set(teams.map(({ id }) => id));
      return {
        news: added
          .filter(({ payload }) => known.has(payload.spaceId))
          .map(
            ({ payload, personId, at }): NewsItem => ({
              kind: 'people.added-to-team',
              item: itemOf(payload.spaceId, payload.personId),
              group: `people.team:${payload.spaceId}`,
              for: [payload.personId],
              actorId: personId,
              place: { spaceId: payload.spaceId },
              at,
            }),
          ),
      };
    }),
    // Who is added once more is told once more.
    hears(memberLeft, (_tx, events) => ({
      gone: events.map(({ payload }) => itemOf(payload.spaceId, payload.personId)),
    })),
  ],
  async describe(tx, _personId, items) {
    const teams = await tx.query<{ id: string; name: string }>(
      "select id, name from core.space where id = any($1::uuid[]) and kind = 'team' and archived_at is null",
      [items.map(({ item }) => spaceOf(item))],
    );
    const names = new Map(teams.map(({ id, name }) => [id, name]));
    return new Map(
      items.flatMap(({ item }): [string, NewsText][] => {
        const spaceId = spaceOf(item);
        const name = names.get(spaceId);
        return name === undefined
          ? []
          : [[item, { title: name, text: '', path: `/people/teams/${spaceId}` }]];
      }),
    );
  },
};
