import type { OutboxEvent } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { elsewhereChanged, nodesChanged } from '../contract/index.ts';

/** A page that was not open then asks when it is opened. */
const freshMs = 60_000;
/** Of one space; who has more asks for it from time to time, as after a signal that was lost. */
const mostPeople = 1000;

/**
 * Who was given something outside of her spaces hears no events of it. Her open pages are told that something changed there, and
 * not what: they ask, with her rights.
 */
export function tellElsewhere({ outbox, live, db }: Pick<Core, 'outbox' | 'live' | 'db'>): void {
  async function tell(orgId: string, spaceId: string, treeIds: ReadonlySet<string>): Promise<void> {
    const { people, isForAll } = await db.read(orgId, async (tx) => {
      const rows = await tx.query<{ person_id: string | null }>(
        `select distinct case g.principal_kind when 'person' then g.principal_id when 'organisation' then null else m.person_id end
           as person_id
         from core.grant g
           left join core.member m on g.principal_kind in ('group', 'space') and m.space_id = g.principal_id
         where g.space_id = $1 and g.item_id is not null and g.principal_kind in ('person', 'group', 'space', 'organisation')
           and (g.principal_kind in ('person', 'organisation') or m.person_id is not null)
           and (g.until is null or g.until > now())
         order by person_id nulls first limit $2`,
        [spaceId, mostPeople],
      );
      return {
        people: rows.flatMap(({ person_id: personId }) => personId ?? []),
        isForAll: rows.some(({ person_id: personId }) => personId === null),
      };
    });
    for (const treeId of treeIds) {
      if (isForAll) live.signal({ orgId, guests: false }, elsewhereChanged, { treeId });
      if (people.length > 0) live.signal({ personIds: people }, elsewhereChanged, { treeId });
    }
  }

  const handleMany = async (events: readonly OutboxEvent[]): Promise<void> => {
    const spaces = new Map<string, { orgId: string; spaceId: string; treeIds: Set<string> }>();
    for (const { orgId, payload, at } of events) {
      if (at.getTime() < Date.now() - freshMs) continue;
      const { spaceId, treeId } = payload as { spaceId: string; treeId: string };
      const space = spaces.get(spaceId) ?? { orgId, spaceId, treeIds: new Set() };
      space.treeIds.add(treeId);
      spaces.set(spaceId, space);
    }
    for (const { orgId, spaceId, treeIds } of spaces.values()) await tell(orgId, spaceId, treeIds);
  };
  outbox.react({
    name: 'files.tell-elsewhere',
    events: [nodesChanged.name],
    handle: (event) => handleMany([event]),
    handleMany,
  });
}
