import type { Tx } from '@liaison/core/db';
import type { NewsItem, NewsSource } from '@liaison/core/news';
import { type Chosen, type Kinds, whenOf } from '../kinds.ts';

/** So many of a person are kept; the oldest go. */
export const mostNews = 1000;

export interface Written {
  /** Whose news are others now. */
  readonly personIds: readonly string[];
  /** Not yet handed on to be pushed, also of an earlier try. */
  readonly toPush: readonly {
    readonly newsId: string;
    readonly groupId: string;
    readonly personId: string;
  }[];
}

interface Candidate {
  readonly item: NewsItem;
  readonly personId: string;
}

/**
 * Writes who is told of what: each person an item once, of the first kind that names her, where she may read it, as she
 * chose. Safe to run twice.
 */
export async function writeNews(
  tx: Tx,
  {
    kinds,
    source,
    nextId,
  }: { kinds: Pick<Kinds, 'find'>; source: Pick<NewsSource, 'settled'>; nextId(): string },
  items: readonly NewsItem[],
): Promise<Written> {
  const candidates = await candidatesOf(tx, kinds, items);
  if (candidates.length === 0) return { personIds: [], toPush: [] };
  const personIds = [...new Set(candidates.map(({ personId }) => personId))].sort();
  await lockPersons(tx, personIds);

  const spaceIds = items.flatMap(({ place }) => place?.spaceId ?? []);
  const chosen = await choicesOf(tx, personIds, spaceIds);
  const wanted = candidates.flatMap(({ item, personId }) => {
    const kind = kinds.find(item.kind);
    if (!kind) return [];
    const about = {
      kind: item.kind,
      spaceId: item.place?.spaceId ?? null,
      containerId: item.place?.containerId ?? null,
    };
    const when = whenOf(kind.usual, about, chosen.get(personId) ?? []);
    return when === 'never' ? [] : [{ item, personId, needsMe: kind.needsMe, waits: when === 'digest' }];
  });
  if (wanted.length === 0) return { personIds: [], toPush: [] };
  const settled =
    (await source.settled?.(
      tx,
      wanted.map(({ item, personId }) => ({ item: item.item, personId })),
    )) ?? new Set<string>();

  const written = await tx.query<{ person_id: string }>(
    `with told as (
       select * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::text[],
         $10::uuid[], $11::boolean[], $12::timestamptz[], $13::bigint[], $14::boolean[], $15::boolean[]) as t(id, person_id,
         kind, item, group_key, space_id, container_id, around, actor_id, needs_me, at, place_in_group, is_read, waits)
     )
     insert into notify.news (id, org_id, person_id, kind, item, group_id, group_key, space_id, container_id, around,
       actor_id, needs_me, at, place_in_group, read_at, waits, push_due)
     select t.id, $1, t.person_id, t.kind, t.item, notify.group_of(t.person_id, t.group_key), t.group_key,
       t.space_id, t.container_id, t.around::uuid[], t.actor_id, t.needs_me, t.at, t.place_in_group,
       case when t.is_read then now() end, t.waits and not t.is_read,
       not t.waits and not t.is_read
     from told t
     where t.space_id is null or core.right_within(t.person_id, t.space_id, t.container_id, t.around::uuid[]) >= 2
     on conflict (person_id, item) do nothing
     returning person_id`,
    [
      tx.orgId,
      wanted.map(() => nextId()),
      wanted.map(({ personId }) => personId),
      wanted.map(({ item }) => item.kind),
      wanted.map(({ item }) => item.item),
      wanted.map(({ item }) => item.group),
      wanted.map(({ item }) => item.place?.spaceId ?? null),
      wanted.map(({ item }) => item.place?.containerId ?? null),
      // An array of arrays would have to be a rectangle.
      wanted.map(({ item }) => `{${withinOf(item).join(',')}}`),
      wanted.map(({ item }) => item.actorId),
      wanted.map(({ needsMe }) => needsMe),
      wanted.map(({ item }) => item.at),
      wanted.map(({ item }) => item.order ?? 0),
      wanted.map(({ item, personId }) => settled.has(`${personId} ${item.item}`)),
      wanted.map(({ waits }) => waits),
    ],
  );
  await dropOldest(tx, new Set(written.map((row) => row.person_id)));
  const due = await tx.query<{ id: string; group_id: string; person_id: string }>(
    `select n.id, n.group_id, n.person_id from notify.news n
     where n.person_id = any($1::uuid[]) and n.item = any($2::text[]) and n.push_due and n.read_at is null
     order by n.at, n.id`,
    [personIds, items.map(({ item }) => item)],
  );
  return {
    personIds: written.map((row) => row.person_id),
    toPush: due.map((row) => ({ newsId: row.id, groupId: row.group_id, personId: row.person_id })),
  };
}

const withinOf = ({ place }: NewsItem): readonly string[] =>
  place === null ? [] : place.itemId ? [...(place.around ?? []), place.itemId] : (place.around ?? []);

/**
 * Whoever writes or reads away a person's news waits for others who do: what is told and what was read meanwhile would pass
 * by each other. In one order, so that nobody waits for each other.
 */
export async function lockPersons(tx: Tx, personIds: readonly string[]): Promise<void> {
  await tx.query(
    `select count(pg_advisory_xact_lock(hashtextextended('notify ' || id, 0)))
     from (select id from unnest($1::text[]) as id order by id collate "C") as each`,
    [personIds],
  );
}

/** Each person once for an item, by the first that names her. */
async function candidatesOf(
  tx: Tx,
  kinds: Pick<Kinds, 'find'>,
  items: readonly NewsItem[],
): Promise<Candidate[]> {
  const byKey = new Map<string, Candidate>();
  const members = new Map<string, readonly string[]>();
  for (const item of items) {
    let personIds: readonly string[];
    if ('membersOf' in item.for) {
      const { membersOf, except } = item.for;
      const isUsual = kinds.find(item.kind)?.usual !== 'never';
      const key = `${membersOf} ${isUsual ? '' : item.kind}`;
      const found = members.get(key) ?? (await membersWho(tx, membersOf, isUsual ? null : item.kind));
      members.set(key, found);
      personIds = found.filter((id) => !except.includes(id));
    } else {
      personIds = item.for;
    }
    for (const personId of personIds) {
      const key = `${personId} ${item.item}`;
      if (!byKey.has(key)) byKey.set(key, { item, personId });
    }
  }
  return [...byKey.values()];
}

/** Everybody of a space; of a kind that usually is not told, those who chose anything that may ask for it. */
async function membersWho(tx: Tx, spaceId: string, chose: string | null): Promise<string[]> {
  const rows = await tx.query<{ person_id: string }>(
    chose === null
      ? 'select person_id from core.member where space_id = $1'
      : `select m.person_id from core.member m where m.space_id = $1 and exists (
           select from notify.preference p where p.person_id = m.person_id and p.chosen <> 'never'
             and (p.space_id is null or p.space_id = $1) and (p.kind is null or p.kind = $2))`,
    chose === null ? [spaceId] : [spaceId, chose],
  );
  return rows.map((row) => row.person_id);
}

/** What these people chose for all, and for these spaces. */
export async function choicesOf(
  tx: Tx,
  personIds: readonly string[],
  spaceIds: readonly string[],
): Promise<Map<string, Chosen[]>> {
  const rows = await tx.query<Chosen>(
    `select person_id, space_id, container_id, kind, chosen from notify.preference
     where person_id = any($1::uuid[]) and (space_id is null or space_id = any($2::uuid[]))`,
    [personIds, spaceIds],
  );
  const byPerson = new Map<string, Chosen[]>();
  for (const row of rows) byPerson.set(row.person_id, [...(byPerson.get(row.person_id) ?? []), row]);
  return byPerson;
}

async function dropOldest(tx: Tx, personIds: ReadonlySet<string>): Promise<void> {
  if (personIds.size === 0) return;
  await tx.query(
    `delete from notify.news n using unnest($1::uuid[]) as p(id), lateral (
       select o.at, o.id from notify.news o where o.person_id = p.id order by o.at desc, o.id desc offset $2 limit 1) as last
     where n.person_id = p.id and (n.at, n.id) <= (last.at, last.id)`,
    [[...personIds], mostNews],
  );
}
