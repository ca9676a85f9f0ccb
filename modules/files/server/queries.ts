import { invalid, type PersonActor, rights } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { type FileNode, type FileTree, type ListedNode, type Sort, wordsOf } from '../contract/index.ts';
import { places, readable } from './narrowed.ts';
import { nodeColumns, type StoredNode, toListed, toNode } from './present.ts';
import { quotaSql } from './tree-lock.ts';

export type ListedRow = StoredNode & { readonly starred: boolean };

export const starredColumn =
  'exists (select from files.star x where x.node_id = n.id and x.person_id = $1::uuid) as starred';

/** Nodes by their ids, as they are now; missing ones are missing. */
export async function readNodes(tx: Tx, ids: readonly string[]): Promise<FileNode[]> {
  const rows = await tx.query<StoredNode>(
    `select ${nodeColumns} from files.node n where n.id = any($1::uuid[])`,
    [ids],
  );
  return rows.map(toNode);
}

const levels = rights.map((right) => right as string);

/** The trees that somebody may read, her own first, then by name. */
export async function readTrees(tx: Tx, personId: string): Promise<FileTree[]> {
  const rows = await tx.query<{
    id: string;
    space_id: string;
    kind: 'personal' | 'team';
    name: string;
    root_id: string;
    used_bytes: number;
    quota: number;
    level: number;
  }>(
    `select t.id, s.id as space_id, s.kind, s.name, t.root_id, t.used_bytes, ${quotaSql} as quota,
       core.right_of($1::uuid, s.id, t.id, null) as level
     from core.member m join core.space s on s.id = m.space_id join files.tree t on t.space_id = s.id
     where m.person_id = $1::uuid and s.kind in ('personal', 'team') and s.archived_at is null
     order by s.kind, lower(s.name), s.id limit 500`,
    [personId],
  );
  return rows
    .filter((row) => row.level >= levels.indexOf('read'))
    .map((row) => ({
      id: row.id,
      spaceId: row.space_id,
      kind: row.kind,
      name: row.kind === 'personal' ? '' : row.name,
      rootId: row.root_id,
      usedBytes: row.used_bytes,
      quotaBytes: row.quota,
      right: rights[row.level] as FileTree['right'],
    }));
}

const sortColumn = { name: 'sort_key', bytes: 'bytes', changed: 'changed_at' } as const;
const sortType = { name: 'text', bytes: 'bigint', changed: 'timestamptz' } as const;

/** The place in an order after which a page begins: folder or file, the value that is sorted by, the id. */
export type Place = readonly [rank: 0 | 1, value: string, id: string];

export const writePlace = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

export function readPlace(cursor: string, sort: Sort): Place {
  try {
    const [rank, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const isRight =
      (rank === 0 || rank === 1) &&
      typeof value === 'string' &&
      !value.includes('\0') &&
      value.isWellFormed() &&
      typeof id === 'string' &&
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) &&
      (sort !== 'bytes' || /^\d{1,16}$/.test(value)) &&
      (sort !== 'changed' || new Date(value).toJSON() === value);
    if (isRight) return [rank, value, id];
  } catch {
    // Not one of ours.
  }
  throw invalid('This page was not found; begin with the first.');
}

export interface FolderQuery {
  readonly sort: Sort;
  readonly descending: 'true' | 'false';
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** One page of a folder by an index of its order: what lies before it is not looked at. */
export async function readFolder(
  tx: Tx,
  personId: string,
  folderId: string,
  { sort, descending, cursor, limit }: FolderQuery,
  hidden: readonly string[] = [],
): Promise<{ rows: ListedNode[]; next: string | null }> {
  const from = cursor === undefined ? null : readPlace(cursor, sort);
  const rows: (ListedRow & { sort_key: string })[] = [];
  for (const rank of [0, 1] as const) {
    if (rank < (from?.[0] ?? 0) || rows.length > limit) continue;
    const after = from?.[0] === rank ? from : null;
    const statement = pageStatement(sort, descending === 'true', after !== null, hidden.length > 0);
    const place = after === null ? [] : [after[1], after[2]];
    const without = hidden.length > 0 ? [hidden] : [];
    const found = await tx.query<ListedRow & { sort_key: string }>(statement, [
      personId,
      folderId,
      rank,
      limit + 1 - rows.length,
      ...place,
      ...without,
    ]);
    rows.push(...found);
  }
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next =
    rows.length > limit && last ? writePlace([last.rank, String(sortedValue(last, sort)), last.id]) : null;
  return { rows: page.map(toListed), next };
}

const sortedValue = (row: ListedRow & { sort_key: string }, sort: Sort): string | number =>
  sort === 'name' ? row.sort_key : sort === 'bytes' ? row.bytes : row.changed_at.toISOString();

/**
 * The statement of one page within folders or files: `$1` person, `$2` folder, `$3` rank, `$4` limit, `$5`, `$6` place; last the
 * ids that are left out.
 */
export function pageStatement(sort: Sort, isDescending: boolean, isAfter: boolean, isCut = false): string {
  const column = sortColumn[sort];
  const direction = isDescending ? 'desc' : 'asc';
  const collate = sort === 'name' ? ' collate "C"' : '';
  const place = `($5::${sortType[sort]}${collate}, $6::uuid)`;
  return `select ${nodeColumns}, n.sort_key, ${starredColumn} from files.node n
    where n.parent_id = $2::uuid and n.rank = $3::smallint and n.trashed_at is null
      ${isAfter ? `and (n.${column}, n.id) ${isDescending ? '<' : '>'} ${place}` : ''}
      ${isCut ? `and n.id <> all($${isAfter ? 7 : 5}::uuid[])` : ''}
    order by n.${column} ${direction}, n.id ${direction} limit $4::integer`;
}

/** What was itself put into the trash of a tree, latest first. */
export async function readTrash(
  tx: Tx,
  personId: string,
  treeId: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ rows: ListedNode[]; next: string | null }> {
  const from = cursor === undefined ? null : readPlace(cursor, 'changed');
  const rows = await tx.query<ListedRow & { trashed_at: Date }>(
    `with ${places}
     select ${nodeColumns}, ${starredColumn} from files.node n join place p on p.id = n.tree_id
     where n.tree_id = $2::uuid and n.trashed_at is not null and ${readable}
       ${from ? 'and (n.trashed_at, n.id) < ($4::timestamptz, $5::uuid)' : ''}
     order by n.trashed_at desc, n.id desc limit $3::integer`,
    [personId, treeId, limit + 1, ...(from ? [from[1], from[2]] : [])],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = rows.length > limit && last ? writePlace([1, last.trashed_at.toISOString(), last.id]) : null;
  return { rows: page.map(toListed), next };
}

/** Keeps of `n` what lies in nothing that was trashed. */
export const notInTrash = `not exists (
  with recursive up as (
    select n.id, n.parent_id, n.trashed_at, 0 as depth
    union all
    select p.id, p.parent_id, p.trashed_at, up.depth + 1 from up join files.node p on p.id = up.parent_id
    where up.depth < 100
  ) select from up where up.trashed_at is not null)`;

export async function readStarred(tx: Tx, actor: PersonActor): Promise<ListedNode[]> {
  const rows = await tx.query<ListedRow>(
    `with ${places}
     select ${nodeColumns}, true as starred from files.star x join files.node n on n.id = x.node_id
       join place p on p.id = n.tree_id
     where x.person_id = $1::uuid and ${notInTrash} and ${readable}
     order by n.rank, n.sort_key, n.id limit 500`,
    [actor.personId],
  );
  return rows.map(toListed);
}

/** What others granted me inside of places that I do not have as a whole, latest first. */
export async function readShared(tx: Tx, actor: PersonActor): Promise<ListedNode[]> {
  const rows = await tx.query<ListedRow>(
    `with ${places}, given as (
       select g.item_id, max(g.created_at) as at from core.grant g
       where g.item_id is not null and (g.until is null or g.until > now()) and (g.principal_id = $1::uuid
         or g.principal_id in (select m.space_id from core.member m where m.person_id = $1::uuid)
         or g.principal_kind = 'organisation')
       group by g.item_id)
     select ${nodeColumns}, ${starredColumn} from given join files.node n on n.id = given.item_id
       join place p on p.id = n.tree_id
     where not p.whole and ${notInTrash} and ${readable}
     order by given.at desc, n.id limit 500`,
    [actor.personId],
  );
  return rows.map(toListed);
}

/** Files and folders whose name holds these words, those that begin with them first. */
export async function searchNames(
  tx: Tx,
  actor: PersonActor,
  { q, treeId }: { q: string; treeId?: string | undefined },
): Promise<ListedNode[]> {
  const wanted = wordsOf(q).replace(/[\\%_]/g, (sign) => `\\${sign}`);
  const rows = await tx.query<ListedRow>(
    `with ${places}
     select ${nodeColumns}, ${starredColumn} from files.node n join place p on p.id = n.tree_id
     where n.words like '%' || $2 || '%' and n.trashed_at is null and n.parent_id is not null
       ${treeId === undefined ? '' : 'and n.tree_id = $3::uuid'} and ${notInTrash} and ${readable}
     order by (n.words like $2 || '%') desc, n.rank, n.sort_key, n.id limit 100`,
    [actor.personId, wanted, ...(treeId === undefined ? [] : [treeId])],
  );
  return rows.map(toListed);
}
