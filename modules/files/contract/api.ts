import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import {
  listedNodeSchema,
  maxAtOnce,
  maxVersions,
  nodeSchema,
  rightSchema,
  treeSchema,
  versionSchema,
} from './node.ts';
import { sorts } from './order.ts';

const nodeParams = z.object({ nodeId: idSchema });
/** Names are looked at by `nameFault`, which says what is wrong. */
const name = z.string().max(1000);
const nodeIds = z.array(idSchema).min(1).max(maxAtOnce);
/** Holds where in the order the page before ended, not at which row: that one may have been renamed since. */
const paging = z.object({
  cursor: z.string().max(1500).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
const page = z.object({ rows: z.array(listedNodeSchema), next: z.string().nullable() });

export const listTrees = defineRoute({
  method: 'GET',
  path: '/files/trees',
  access: 'session',
  summary: 'My own files and those of my teams; what is not there yet is made.',
  response: z.object({ rows: z.array(treeSchema).max(500) }),
});
export const getNode = defineRoute({
  method: 'GET',
  path: '/files/nodes/:nodeId',
  access: 'session',
  summary: 'A file or folder, the folders that it lies in, outermost first, and what I may do there.',
  params: nodeParams,
  response: z.object({
    node: nodeSchema,
    path: z.array(z.object({ id: idSchema, name: z.string() })).max(100),
    right: rightSchema,
    spaceId: idSchema,
  }),
});
export const listFolder = defineRoute({
  method: 'GET',
  path: '/files/nodes/:nodeId/children',
  access: 'session',
  summary: 'What lies in a folder, folders first.',
  params: nodeParams,
  query: paging.extend({
    sort: z.enum(sorts).default('name'),
    descending: z.enum(['true', 'false']).default('false'),
  }),
  response: page,
});
/** Names are looked at as `nameFault` does; 409 `files-name-taken` where something else has it. */
export const createFolder = defineRoute({
  method: 'POST',
  path: '/files/nodes/:nodeId/folders',
  access: 'session',
  summary: 'A new folder in a folder. `use`: the folder of this name, where there is one already.',
  params: nodeParams,
  body: z.object({ name, ifThere: z.enum(['refuse', 'use']).default('refuse') }),
  response: nodeSchema,
});
export const renameNode = defineRoute({
  method: 'PATCH',
  path: '/files/nodes/:nodeId',
  access: 'session',
  summary: 'Another name.',
  params: nodeParams,
  body: z.object({ name }),
  response: nodeSchema,
});
/** Into another tree as well: then it belongs to that space. */
export const moveNodes = defineRoute({
  method: 'POST',
  path: '/files/move',
  access: 'session',
  summary: 'Moves files and folders into a folder; all of them or none.',
  body: z.object({ nodeIds, folderId: idSchema }),
  response: z.object({ rows: z.array(nodeSchema).max(maxAtOnce) }),
});
/** At most 10,000 with everything inside; versions before the newest stay behind. */
export const copyNodes = defineRoute({
  method: 'POST',
  path: '/files/copy',
  access: 'session',
  summary: 'Copies files and folders into a folder; all of them or none.',
  body: z.object({ nodeIds, folderId: idSchema }),
  response: z.object({ rows: z.array(nodeSchema).max(maxAtOnce) }),
});
export const trashNodes = defineRoute({
  method: 'POST',
  path: '/files/trash',
  access: 'session',
  summary: 'Puts files and folders into the trash of their space.',
  body: z.object({ nodeIds }),
  response: z.object({ rows: z.array(nodeSchema).max(maxAtOnce) }),
});
export const restoreNodes = defineRoute({
  method: 'POST',
  path: '/files/restore',
  access: 'session',
  summary: 'Takes files and folders out of the trash, to where they were, or to the top where that is gone.',
  body: z.object({ nodeIds }),
  response: z.object({ rows: z.array(nodeSchema).max(maxAtOnce) }),
});
export const deleteNodes = defineRoute({
  method: 'POST',
  path: '/files/delete',
  access: 'session',
  summary: 'Deletes for ever what is in the trash.',
  body: z.object({ nodeIds }),
});
export const listTrash = defineRoute({
  method: 'GET',
  path: '/files/trees/:treeId/trash',
  access: 'session',
  summary: 'What is in the trash of a space, latest first.',
  params: z.object({ treeId: idSchema }),
  query: paging,
  response: page,
});
export const setStar = defineRoute({
  method: 'PUT',
  path: '/files/nodes/:nodeId/star',
  access: 'session',
  summary: 'Keeps a file or folder among my own few, or no more.',
  params: nodeParams,
  body: z.object({ on: z.boolean() }),
});
export const listStarred = defineRoute({
  method: 'GET',
  path: '/files/starred',
  access: 'session',
  summary: 'What I starred and may still read, at most 500.',
  response: z.object({ rows: z.array(listedNodeSchema).max(500) }),
});
export const searchFiles = defineRoute({
  method: 'GET',
  path: '/files/search',
  access: 'session',
  summary: 'Files and folders by a part of their names, in one space or in all of mine; at most 100.',
  query: z.object({ q: z.string().trim().min(2).max(200), treeId: idSchema.optional() }),
  response: z.object({ rows: z.array(listedNodeSchema).max(100) }),
});
export const listVersions = defineRoute({
  method: 'GET',
  path: '/files/nodes/:nodeId/versions',
  access: 'session',
  summary: 'What a file was before, newest first.',
  params: nodeParams,
  response: z.object({ rows: z.array(versionSchema).max(maxVersions) }),
});
export const returnToVersion = defineRoute({
  method: 'POST',
  path: '/files/nodes/:nodeId/versions',
  access: 'session',
  summary: 'Makes an earlier version the newest one again; nothing of what came between is lost.',
  params: nodeParams,
  body: z.object({
    number: z
      .number()
      .int()
      .min(1)
      .max(2 ** 31 - 1),
  }),
  response: nodeSchema,
});
export const downloadFile = defineRoute({
  method: 'GET',
  path: '/files/nodes/:nodeId/content',
  access: 'session',
  summary: 'The exact bytes, always as a download, also a part of them (`Range`).',
  params: nodeParams,
  query: z.object({
    version: z.coerce
      .number()
      .int()
      .min(1)
      .max(2 ** 31 - 1)
      .optional(),
  }),
});
export const downloadFolder = defineRoute({
  method: 'GET',
  path: '/files/nodes/:nodeId/zip',
  access: 'session',
  summary: 'A folder with everything in it as one zip, made while it is sent.',
  params: nodeParams,
});

const uploadParams = z.object({ uploadId: idSchema });
/** Uploads by tus 1.0.0 with `creation`, `creation-with-upload` and `termination`; `folderId`, `filename` and `filetype` are metadata. */
export const beginUpload = defineRoute({
  method: 'POST',
  path: '/files/uploads',
  access: 'session',
  summary: 'Begins an upload, with its first bytes or without any.',
  raw: true,
});
export const readUpload = defineRoute({
  method: 'GET',
  path: '/files/uploads/:uploadId',
  access: 'session',
  summary: 'How much of an upload is here (HEAD says the same).',
  params: uploadParams,
});
export const continueUpload = defineRoute({
  method: 'PATCH',
  path: '/files/uploads/:uploadId',
  access: 'session',
  summary: 'Further bytes of an upload, from where it is.',
  params: uploadParams,
  raw: true,
});
export const endUpload = defineRoute({
  method: 'DELETE',
  path: '/files/uploads/:uploadId',
  access: 'session',
  summary: 'Gives an upload up.',
  params: uploadParams,
});
