import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { Spaces } from '@liaison/core/spaces';
import { nodesChanged } from '../../contract/index.ts';

/** What actions need of the floor. */
export interface Needs {
  readonly emit: Emit;
  readonly spaces: Spaces;
  nextId(): string;
}

/** Tells pages of a tree which of its nodes are not as they were. */
export function tellChanged(
  tx: Tx,
  { emit }: Pick<Needs, 'emit'>,
  tree: { readonly id: string; readonly spaceId: string },
  nodeIds: readonly string[],
): void {
  for (let from = 0; from < nodeIds.length; from += 1000) {
    emit(tx, nodesChanged, {
      spaceId: tree.spaceId,
      treeId: tree.id,
      nodeIds: nodeIds.slice(from, from + 1000),
    });
  }
}
