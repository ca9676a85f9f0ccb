import { type ContentDocument, type ContentPage, type ContentSource, changedBy } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import { grantChanged } from '@liaison/core/spaces';
import { teamChanged } from '@liaison/people';
import { nodesChanged, textsRead } from '../contract/index.ts';
import { writtenIn } from './texts/written-in.ts';

const ranks = { 'files.folder': 0, 'files.file': 1 } as const;

interface FoundRow extends Record<string, unknown> {
  readonly id: string;
  readonly tree_id: string;
  readonly space_id: string;
  readonly path: readonly string[];
  readonly name: string;
  readonly container: string;
  readonly changed_at: Date;
  readonly changed_by: string | null;
  readonly bytes: number;
  readonly media_type: string;
  /** Null where it was not read, or is of another content. */
  readonly text: string | null;
}

const isWritten = ({ name, bytes, media_type: mediaType }: FoundRow): boolean =>
  writtenIn({ name, bytes, mediaType }) !== null;

const documentOf = (row: FoundRow): ContentDocument => ({
  id: row.id,
  place: {
    spaceId: row.space_id,
    containerId: row.tree_id,
    around: row.path.slice(0, -1),
    itemId: row.id,
  },
  title: row.name,
  // What was renamed into a picture is one.
  text: row.text && isWritten(row) ? row.text : '',
  personIds: row.changed_by === null ? [] : [row.changed_by],
  container: row.container,
  at: row.changed_at,
  path: `/files/${row.id}`,
});

const idsFrom = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

/*
 * A session plans a statement while there are few files and keeps to it while 10,000 are dropped: a join would read all of them each
 * time. So rows are asked for one by one, by their index, in a lateral that the planner may not turn into a join.
 */

/** These and whatever lies in them; those that are deleted are of no kind any more. */
const withInside = async (
  tx: Tx,
  nodeIds: readonly string[],
  rank: 0 | 1,
  { after, limit }: ContentPage,
): Promise<string[]> =>
  idsFrom(
    await tx.query<{ id: string }>(
      `with recursive asked as materialized (
         select each.id, n.rank from (select distinct unnest($1::uuid[]) as id) each
           left join lateral (select n.rank from files.node n where n.id = each.id limit 1) n on true
       ), below as (
         select id, rank from asked where rank is not null
         union
         select n.id, n.rank from below b
           cross join lateral (select n.id, n.rank from files.node n where n.parent_id = b.id offset 0) n where b.rank = 0
       )
       select id from (select id from below where rank = $2 union select id from asked where rank is null) as concerned
       where $3::uuid is null or id > $3 order by id limit $4`,
      [nodeIds, rank, after, limit],
    ),
  );

/** What lies at the top of a team's tree is said to lie in the team. */
const atTopOf = async (
  tx: Tx,
  spaceId: string,
  rank: 0 | 1,
  { after, limit }: ContentPage,
): Promise<string[]> =>
  idsFrom(
    await tx.query<{ id: string }>(
      `select n.id from files.tree t join files.node n on n.parent_id = t.root_id
       where t.space_id = $1 and n.rank = $2 and ($3::uuid is null or n.id > $3) order by n.id limit $4`,
      [spaceId, rank, after, limit],
    ),
  );

const sourceOf = (kind: keyof typeof ranks): ContentSource => ({
  kind,
  version: 1,
  changes: [
    changedBy(nodesChanged, (tx, { nodeIds }, page) => withInside(tx, nodeIds, ranks[kind], page)),
    ...(kind === 'files.file' ? [changedBy(textsRead, (_tx, { nodeIds }) => nodeIds)] : []),
    changedBy(teamChanged, (tx, { spaceId }, page) => atTopOf(tx, spaceId, ranks[kind], page)),
    // Its folder is named no longer once it is given to somebody alone.
    changedBy(grantChanged, async (tx, { grantId }, { after, limit }) =>
      idsFrom(
        await tx.query<{ id: string }>(
          `select n.id from core.grant g join files.node n on n.id = g.item_id
           where g.id = $1 and n.rank = $2 and ($3::uuid is null or n.id > $3) limit $4`,
          [grantId, ranks[kind], after, limit],
        ),
      ),
    ),
  ],
  list: async (tx, { after, limit }) =>
    idsFrom(
      await tx.query<{ id: string }>(
        `select id from files.node where rank = $1 and parent_id is not null and ($2::uuid is null or id > $2)
         order by id limit $3`,
        [ranks[kind], after, limit],
      ),
    ),
  read: async (tx, ids) =>
    (
      await tx.query<FoundRow>(
        // Who was given a single file may not know what the folder is called that it lies in.
        // Where a folder lies is asked for once, however many of its files these are. Who was given a single file may not know what
        // the folder is called that it lies in.
        `with asked as materialized (
           select n.* from (select distinct unnest($1::uuid[]) as id) each
             cross join lateral (select * from files.node n where n.id = each.id limit 1) n
           where n.rank = $2 and n.trashed_at is null
         ), folder as materialized (
           select f.id, files.around(f.id) as path from (select distinct parent_id as id from asked where parent_id is not null) f
         ), open as materialized (
           select f.id, f.path, p.name, p.parent_id is null as is_top from folder f
             cross join lateral (select p.name, p.parent_id from files.node p where p.id = f.id limit 1) p
           where not exists (
             select from unnest(f.path) as up(id)
               cross join lateral (select n.trashed_at from files.node n where n.id = up.id limit 1) n
             where n.trashed_at is not null)
         )
         select n.id, n.tree_id, t.space_id, f.path || n.id as path, n.name, n.changed_at, n.changed_by, n.bytes::float8 as bytes,
           n.media_type, x.text,
           case when exists (select from core.grant g
               where g.space_id = t.space_id and g.item_id = n.id and g.principal_kind <> 'link'
                 and (g.until is null or g.until > now())) then ''
             when not f.is_top then f.name
             when s.kind = 'personal' then '' else s.name end as container
         from asked n join open f on f.id = n.parent_id
           join files.tree t on t.id = n.tree_id join core.space s on s.id = t.space_id
           left join lateral (
             select x.text from files.text x where x.node_id = n.id and x.of_content = n.sha256 limit 1) x on true`,
        [ids, ranks[kind]],
      )
    ).map(documentOf),
});

export const files = sourceOf('files.file');

/** Folders and files by their names, and texts and documents by what is written in them (`texts/read-texts.ts`). */
export const content: readonly ContentSource[] = [sourceOf('files.folder'), files];
