import { z } from 'zod';

/** Largest file in bytes. */
export const maxFileBytes = 100 * 1024 ** 3;
/** So many files and folders are moved, copied, trashed at once. */
export const maxAtOnce = 100;
/** Folders inside each other. */
export const maxDepth = 64;
/** Versions that are kept of a file; the oldest beyond goes. */
export const maxVersions = 100;
/** What is in the trash goes after so many days. */
export const trashDays = 30;

/** A folder or a file of a tree. */
export const nodeSchema = z.object({
  id: z.uuid(),
  treeId: z.uuid(),
  /** Null for the tree's own folder alone. */
  parentId: z.uuid().nullable(),
  kind: z.enum(['folder', 'file']),
  /** Unicode NFC; empty for the tree's own folder, which is called as its space is. */
  name: z.string(),
  /** Of the newest version; 0 for folders. */
  bytes: z.number().int(),
  mediaType: z.string(),
  /** Number of the newest version, from 1; 0 for folders. */
  version: z.number().int(),
  /** When its content or name was changed last. */
  changedAt: z.string(),
  changedById: z.uuid().nullable(),
  trashedAt: z.string().nullable(),
});
export type FileNode = z.infer<typeof nodeSchema>;

/** A row of a list: the node, and whether I starred it. */
export const listedNodeSchema = nodeSchema.extend({ starred: z.boolean() });
export type ListedNode = z.infer<typeof listedNodeSchema>;

export const rightSchema = z.enum(['read', 'comment', 'write', 'manage']);
export type Right = z.infer<typeof rightSchema>;

/** The files of one space. */
export const treeSchema = z.object({
  id: z.uuid(),
  spaceId: z.uuid(),
  kind: z.enum(['personal', 'team']),
  /** The team's name; empty for one's own. */
  name: z.string(),
  rootId: z.uuid(),
  /** All versions, those in the trash as well. */
  usedBytes: z.number().int(),
  quotaBytes: z.number().int(),
  right: rightSchema,
});
export type FileTree = z.infer<typeof treeSchema>;

export const versionSchema = z.object({
  number: z.number().int(),
  bytes: z.number().int(),
  authorId: z.uuid().nullable(),
  writtenAt: z.string(),
});
export type FileVersion = z.infer<typeof versionSchema>;
