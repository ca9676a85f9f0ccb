import { hears, type NewsItem, type NewsSource, type NewsText } from '@liaison/core/news';
import { grantChanged } from '@liaison/core/spaces';

const itemOf = (grantId: string): string => `files.grant:${grantId}`;
const idOf = (item: string): string => item.slice('files.grant:'.length);

interface GrantRow extends Record<string, unknown> {
  readonly id: string;
  readonly space_id: string;
  readonly principal_kind: 'person' | 'group' | 'space';
  readonly principal_id: string;
  readonly node_id: string;
  readonly tree_id: string;
  readonly path: readonly string[];
}

/** Files and folders that were given to somebody, by name or as one of a team. Of what the whole organisation may see nobody is told. */
export const news: NewsSource = {
  kinds: [{ kind: 'files.shared', needsMe: false, usual: 'now' }],
  hears: [
    hears(grantChanged, async (tx, events) => {
      // A grant that was changed is the same grant: it is told once.
      const byId = new Map(events.map((event) => [event.payload.grantId, event]));
      const rows = await tx.query<GrantRow>(
        `select g.id, g.space_id, g.principal_kind, g.principal_id, n.id as node_id, n.tree_id, around.path
         from core.grant g join files.node n on n.id = g.item_id cross join lateral files.around(n.id) as around(path)
         where g.id = any($1::uuid[]) and g.level >= 2 and (g.until is null or g.until > now())
           and g.principal_kind in ('person', 'group', 'space')`,
        [[...byId.keys()]],
      );
      return {
        news: rows.map((row): NewsItem => {
          const event = byId.get(row.id);
          const actorId = event?.personId ?? null;
          const except = actorId === null ? [] : [actorId];
          return {
            kind: 'files.shared',
            item: itemOf(row.id),
            group: `files.node:${row.node_id}`,
            for:
              row.principal_kind === 'person'
                ? [row.principal_id].filter((id) => id !== actorId)
                : { membersOf: row.principal_id, except },
            actorId,
            place: {
              spaceId: row.space_id,
              containerId: row.tree_id,
              around: row.path.slice(0, -1),
              itemId: row.node_id,
            },
            at: event?.at ?? new Date(),
          };
        }),
      };
    }),
  ],
  async describe(tx, _personId, items) {
    const rows = await tx.query<{ id: string; node_id: string; name: string }>(
      `select g.id, n.id as node_id, n.name from core.grant g join files.node n on n.id = g.item_id
         cross join lateral files.around(n.id) as around(path)
       where g.id = any($1::uuid[]) and g.level >= 2
         and not exists (select from files.node up where up.id = any(around.path) and up.trashed_at is not null)`,
      [items.map(({ item }) => idOf(item))],
    );
    return new Map(
      rows.map((row): [string, NewsText] => [
        itemOf(row.id),
        { title: row.name, text: '', path: `/files/${row.node_id}` },
      ]),
    );
  },
};
