import { defineEvent, defineSignal, idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import type { FileNode } from './node.ts';

/**
 * Something was added, renamed, moved, written, trashed, restored or deleted. Pages get `NodesChanged`: each of these nodes as
 * it is now, so that a list is true when it takes in those that are its own and lets go of the others.
 */
export const nodesChanged = defineEvent({
  name: 'files.nodes-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, treeId: idSchema, nodeIds: z.array(idSchema).max(1000) }),
});

/** What is written in these files was read, and can be found. */
export const textsRead = defineEvent({
  name: 'files.texts-read',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, nodeIds: z.array(idSchema).max(200) }),
});

/** `gone` are no more in this tree, or in no tree. */
export interface NodesChanged {
  readonly treeId: string;
  readonly nodes: readonly FileNode[];
  readonly gone: readonly string[];
  /** There is more, which is not for everybody of the space: whoever looks at a list of this tree asks for it anew. */
  readonly isPartial?: true;
}

/** To whom something of this tree was given outside of her spaces: it is not as it was, and she asks for what she may see. */
export const elsewhereChanged = defineSignal({
  name: 'files.elsewhere-changed',
  data: z.object({ treeId: idSchema }),
});
