import type { FileNode, ListedNode } from '../contract/index.ts';

/** Columns of `files.node n` that `toNode` reads. */
export const nodeColumns =
  'n.id, n.tree_id, n.parent_id, n.rank, n.name, n.bytes, n.media_type, n.version, n.changed_at, n.changed_by, n.trashed_at';

export interface StoredNode extends Record<string, unknown> {
  readonly id: string;
  readonly tree_id: string;
  readonly parent_id: string | null;
  readonly rank: 0 | 1;
  readonly name: string;
  readonly bytes: number;
  readonly media_type: string;
  readonly version: number;
  readonly changed_at: Date;
  readonly changed_by: string | null;
  readonly trashed_at: Date | null;
}

export const toNode = (row: StoredNode): FileNode => ({
  id: row.id,
  treeId: row.tree_id,
  parentId: row.parent_id,
  kind: row.rank === 0 ? 'folder' : 'file',
  name: row.name,
  bytes: row.bytes,
  mediaType: row.media_type,
  version: row.version,
  changedAt: row.changed_at.toISOString(),
  changedById: row.changed_by,
  trashedAt: row.trashed_at?.toISOString() ?? null,
});

export const toListed = (row: StoredNode & { readonly starred: boolean }): ListedNode => ({
  ...toNode(row),
  starred: row.starred,
});
