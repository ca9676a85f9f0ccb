import { invalid } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { NewsText } from '@liaison/core/news';
import type { News, NewsCount, NewsGroup } from '../contract/index.ts';
import { mine } from './access.ts';
import type { Kinds } from './kinds.ts';

/** Counted up to these; above them people see "99+". */
const mostCounted = 1000;
const mostCountedInGroup = 100;

/** The kind of the digest itself, which no module offers. */
export const digestKind = 'notify.digest';

export interface NewsRow extends Record<string, unknown> {
  readonly id: string;
  readonly kind: string;
  readonly item: string;
  readonly group_id: string;
  readonly actor_id: string | null;
  readonly needs_me: boolean;
  readonly at: Date;
  readonly read_at: Date | null;
  readonly gathers: number | null;
}

const listed = 'not n.waits and n.digest_id is null';

const columns = `m.id, m.kind, m.item, m.group_id, m.actor_id, m.needs_me, m.at, m.read_at,
  case when m.kind = '${digestKind}' then (select count(*) from notify.news g where g.digest_id = m.id) end as gathers`;

export async function countOf(tx: Tx, personId: string): Promise<NewsCount> {
  const [row] = await tx.query<{ unread: number; needs_me: number }>(
    `with ${mine(`${listed} and n.read_at is null`)}
     select count(*) as unread, count(*) filter (where needs_me) as needs_me from mine`,
    [personId],
  );
  return {
    unread: Math.min(row?.unread ?? 0, mostCounted),
    needsMe: Math.min(row?.needs_me ?? 0, mostCounted),
  };
}

/** Words of these rows as they are now; those that say nothing any more are missing. */
export async function describe(
  tx: Tx,
  kinds: Kinds,
  personId: string,
  rows: readonly NewsRow[],
): Promise<Map<string, News & Pick<NewsText, 'tag'>>> {
  const bySource = new Map<object, NewsRow[]>();
  const described = new Map<string, News & Pick<NewsText, 'tag'>>();
  for (const row of rows) {
    if (row.kind === digestKind) {
      described.set(row.id, toNews(row, { title: '', text: '', path: `/news/${row.id}` }));
      continue;
    }
    const source = kinds.sourceOf(row.kind);
    if (source) bySource.set(source, [...(bySource.get(source) ?? []), row]);
  }
  for (const [source, of] of bySource) {
    for (let from = 0; from < of.length; from += 200) {
      const some = of.slice(from, from + 200);
      const texts = await (source as NonNullable<ReturnType<Kinds['sourceOf']>>).describe(tx, personId, some);
      for (const row of some) {
        const text = texts.get(row.item);
        if (text) described.set(row.id, toNews(row, text));
      }
    }
  }
  return described;
}

const toNews = (row: NewsRow, text: NewsText): News & Pick<NewsText, 'tag'> => ({
  id: row.id,
  groupId: row.group_id,
  kind: row.kind,
  needsMe: row.needs_me,
  at: row.at.toISOString(),
  readAt: row.read_at?.toISOString() ?? null,
  personId: row.actor_id,
  title: text.title.slice(0, 200),
  text: text.text.slice(0, 160),
  path: text.path,
  startsAt: text.startsAt?.toISOString() ?? null,
  gathers: row.gathers,
  ...(text.tag === undefined ? {} : { tag: text.tag }),
});

const groupCursor = /^([01])_(\d{4}-\d\d-\d\dT[\d:.]+Z)_([0-9a-f-]{36})$/;
const newsCursor = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)_([0-9a-f-]{36})$/;
/** Text keeps the microseconds, which a cursor must not lose. */
const exact = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

function parsed(pattern: RegExp, cursor: string | undefined): RegExpExecArray | null {
  if (cursor === undefined) return null;
  const match = pattern.exec(cursor);
  if (!match || Number.isNaN(Date.parse(match.slice(1).find((part) => part.includes('T')) ?? '')))
    throw invalid('This list cannot go on from there; begin it anew.');
  return match;
}

/** Groups with something unread that needs her first, then by their newest. */
export async function listGroups(
  tx: Tx,
  kinds: Kinds,
  personId: string,
  query: { cursor?: string | undefined; limit: number; only: 'all' | 'unread' | 'needs-me' },
): Promise<{ rows: NewsGroup[]; next: string | null }> {
  const from = parsed(groupCursor, query.cursor);
  const rows = await tx.query<
    NewsRow & {
      space_id: string | null;
      unread: number;
      needs: number;
      people: string[] | null;
      last_at: string;
      is_first: number;
    }
  >(
    `with ${mine(listed)},
     groups as (
       select group_id, max(at) as last_at, count(*) filter (where read_at is null) as unread,
         count(*) filter (where read_at is null and needs_me) as needs,
         (count(*) filter (where read_at is null and needs_me) > 0)::int as is_first,
         (array_agg(id order by (read_at is null and needs_me) desc, (read_at is null) desc, at desc, id desc))[1] as latest,
         (array_agg(actor_id order by at desc) filter (where actor_id is not null))[1:50] as people
       from mine group by group_id)
     select ${columns}, m.space_id, g.unread, g.needs, g.people, g.is_first, ${exact('g.last_at')} as last_at
     from groups g join notify.news m on m.id = g.latest
     where ($2::int is null or (g.is_first, g.last_at, g.group_id) < ($2, $3::timestamptz, $4::uuid))
       and ($5 = 'all' or ($5 = 'unread' and g.unread > 0) or ($5 = 'needs-me' and g.needs > 0))
     order by g.is_first desc, g.last_at desc, g.group_id desc limit $6`,
    [
      personId,
      from ? Number(from[1]) : null,
      from?.[2] ?? null,
      from?.[3] ?? null,
      query.only,
      query.limit + 1,
    ],
  );
  const page = rows.slice(0, query.limit);
  const described = await describe(tx, kinds, personId, page);
  const last = page.at(-1);
  return {
    rows: page.flatMap((row) => {
      const latest = described.get(row.id);
      if (!latest) return [];
      return [
        {
          id: row.group_id,
          spaceId: row.space_id,
          unread: Math.min(row.unread, mostCountedInGroup),
          needsMe: Math.min(row.needs, mostCountedInGroup),
          personIds: [...new Set(row.people ?? [])].slice(0, 5),
          latest,
        },
      ];
    }),
    next: rows.length > query.limit && last ? `${last.is_first}_${last.last_at}_${last.group_id}` : null,
  };
}

/** News of one group, or of one digest, newest first. */
export async function listNewsOf(
  tx: Tx,
  kinds: Kinds,
  personId: string,
  of: { readonly groupId: string } | { readonly digestId: string },
  query: { cursor?: string | undefined; limit: number },
): Promise<{ rows: News[]; next: string | null }> {
  const from = parsed(newsCursor, query.cursor);
  const [which, id] =
    'groupId' in of ? [`${listed} and n.group_id = $2`, of.groupId] : ['n.digest_id = $2', of.digestId];
  const rows = await tx.query<NewsRow & { exact_at: string }>(
    `with ${mine(which)}
     select ${columns}, ${exact('m.at')} as exact_at from mine m
     where ($3::timestamptz is null or (m.at, m.id) < ($3, $4::uuid))
     order by m.at desc, m.id desc limit $5`,
    [personId, id, from?.[1] ?? null, from?.[2] ?? null, query.limit + 1],
  );
  const page = rows.slice(0, query.limit);
  const described = await describe(tx, kinds, personId, page);
  const last = page.at(-1);
  return {
    rows: page.flatMap((row) => described.get(row.id) ?? []),
    next: rows.length > query.limit && last ? `${last.exact_at}_${last.id}` : null,
  };
}

/** One of her news, where she may read it now. */
export async function readableNews(tx: Tx, personId: string, newsId: string): Promise<NewsRow | null> {
  const [row] = await tx.query<NewsRow>(
    `with ${mine('n.id = $2 and not n.waits')} select ${columns} from mine m`,
    [personId, newsId],
  );
  return row ?? null;
}
