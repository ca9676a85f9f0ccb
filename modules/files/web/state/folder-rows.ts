import type { FileNode, ListedNode } from '../../contract/index.ts';

/** The part of a folder that a page holds: a gapless stretch from its beginning. */
export interface FolderRows {
  readonly rows: readonly ListedNode[];
  /** Where the server goes on; null once all is here. */
  readonly next: string | null;
}

type Compare = (a: FileNode, b: FileNode) => number;

/** Where a node stands, or would, in rows that are in order. */
function placeOf(rows: readonly ListedNode[], node: FileNode, compare: Compare): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(rows[middle] as ListedNode, node) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The next page after what is here. Rows that came live meanwhile are not doubled. */
export function withPage(before: FolderRows, page: FolderRows): FolderRows {
  const known = new Set(page.rows.map(({ id }) => id));
  const kept = before.rows.filter(({ id }) => !known.has(id));
  return { rows: [...kept, ...page.rows], next: page.next };
}

/**
 * What an event told of: `here` are nodes that belong into this list now, `elsewhere` those that do not. One that would stand
 * behind the stretch is left to the page that brings it. A star is kept, because events do not know of it.
 */
export function withChanges(
  before: FolderRows,
  { here, elsewhere }: { here: readonly FileNode[]; elsewhere: readonly string[] },
  compare: Compare,
): FolderRows {
  const touched = new Set([...elsewhere, ...here.map(({ id }) => id)]);
  const starred = new Set(
    before.rows.filter((row) => row.starred && touched.has(row.id)).map(({ id }) => id),
  );
  const rows = before.rows.filter(({ id }) => !touched.has(id));
  for (const node of here) {
    const place = placeOf(rows, node, compare);
    if (place === rows.length && before.next !== null) continue;
    rows.splice(place, 0, { ...node, starred: starred.has(node.id) });
  }
  return { rows, next: before.next };
}
