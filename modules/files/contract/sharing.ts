import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import { listedNodeSchema } from './node.ts';

/** Rights that can be given on a folder or file; `none` takes away what is given further out. */
export const givenRights = ['none', 'read', 'comment', 'write', 'manage'] as const;
export type GivenRight = (typeof givenRights)[number];
const givenRightSchema = z.enum(givenRights);

/** Whom something is shared with. `space` is a team. */
export const principalSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['person', 'group', 'space']), id: idSchema }),
  z.object({ kind: z.literal('organisation') }),
]);
export type Principal = z.infer<typeof principalSchema>;

const readerSchema = z.object({
  personId: z.uuid(),
  right: z.enum(['read', 'comment', 'write', 'manage']),
  /** The one thing that decides: her role in the space, or one of the grants beside this. */
  by: z.union([
    z.object({ role: z.enum(['guest', 'member', 'manager', 'owner']) }),
    z.object({ grantId: z.string() }),
  ]),
});
const sharedGrantSchema = z.object({
  id: z.uuid(),
  principal: z.object({ kind: z.string(), id: z.uuid().nullable() }),
  /** Of teams and groups. */
  name: z.string().nullable(),
  right: givenRightSchema,
  until: z.string().nullable(),
  /** Where it was made: here, or on a folder around it. Null for the whole space. */
  nodeId: z.uuid().nullable(),
  /** Empty for the top of the space; null where its reader may not know of that folder. */
  nodeName: z.string().nullable(),
});
export type SharedGrant = z.infer<typeof sharedGrantSchema>;

/** Longest that a link or a grant with an end can hold. */
export const maxUntilDays = 3650;
const until = z.iso.datetime().nullable();
const nodeParams = z.object({ nodeId: idSchema });

export const listReaders = defineRoute({
  method: 'GET',
  path: '/files/nodes/:nodeId/readers',
  access: 'session',
  summary: 'Who may see a file or folder, and why. People who may only because everybody may are not named.',
  params: nodeParams,
  response: z.object({
    people: z.array(readerSchema).max(1000),
    grants: z.array(sharedGrantSchema).max(1000),
    /** Links by which strangers come in, here or to a folder around it. */
    links: z
      .array(
        z.object({ mode: z.enum(['read', 'upload']), until, hasPassword: z.boolean(), isHere: z.boolean() }),
      )
      .max(1000),
    spaceName: z.string(),
    spaceKind: z.string(),
  }),
});
export const shareNode = defineRoute({
  method: 'PUT',
  path: '/files/nodes/:nodeId/grants',
  access: 'session',
  summary: 'Gives somebody a right on a file or folder and what lies in it, or changes it.',
  params: nodeParams,
  body: z.object({ principal: principalSchema, right: givenRightSchema, until }),
});
export const endShare = defineRoute({
  method: 'DELETE',
  path: '/files/nodes/:nodeId/grants/:grantId',
  access: 'session',
  summary: 'Takes back what was given on this file or folder.',
  params: nodeParams.extend({ grantId: idSchema }),
});
export const listShared = defineRoute({
  method: 'GET',
  path: '/files/shared',
  access: 'session',
  summary: 'What others shared with me out of places that are not mine, latest first; at most 500.',
  response: z.object({ rows: z.array(listedNodeSchema).max(500) }),
});

/** A file or folder that two people have in common. */
export const sharedFileSchema = listedNodeSchema.extend({
  /** When it was given, or changed last if that is later. */
  at: z.string(),
  /** Given out of a place of hers to me, or of mine to her; null for what she put into a place that I have as well. */
  given: z.enum(['to-me', 'to-her']).nullable(),
  /** The team in whose files it lies; empty where it was given to me out of a place that is not mine. */
  placeName: z.string(),
});
export type SharedFile = z.infer<typeof sharedFileSchema>;

export const listFilesWith = defineRoute({
  method: 'GET',
  path: '/files/with/:personId',
  access: 'session',
  summary:
    'What I share with somebody and may read, latest first: given to me, given to her, put by her into places that I have. A page may be shorter than asked for and still have a next one.',
  params: z.object({ personId: idSchema }),
  query: z.object({
    cursor: z.string().max(1500).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
  }),
  response: z.object({ rows: z.array(sharedFileSchema).max(100), next: z.string().nullable() }),
});

/** `upload`: what is in the folder is not shown, and a file of a name that is there gets another one. */
export const linkModes = ['read', 'upload'] as const;
export const linkSchema = z.object({
  id: z.uuid(),
  nodeId: z.uuid(),
  nodeName: z.string(),
  mode: z.enum(linkModes),
  /** Where it leads, below the address of this server. */
  path: z.string(),
  hasPassword: z.boolean(),
  until,
  mostDownloads: z.number().int().nullable(),
  downloads: z.number().int(),
  /** How often it was opened. */
  opened: z.number().int(),
  createdById: z.uuid().nullable(),
  createdAt: z.string(),
});
export type FileLink = z.infer<typeof linkSchema>;

/** For who manages the node; 409 `files-many-links` beyond 50 of one, `files-link-folder` where a file should be sent into. */
export const createLink = defineRoute({
  method: 'POST',
  path: '/files/nodes/:nodeId/links',
  access: 'session',
  summary: 'A link by which strangers read a file or folder, or send into a folder.',
  params: nodeParams,
  body: z.object({
    mode: z.enum(linkModes),
    password: z.string().min(6).max(200).nullable().default(null),
    until: until.default(null),
    /** Of a link to read: a zip counts as one. */
    mostDownloads: z.number().int().min(1).max(1_000_000).nullable().default(null),
  }),
  response: linkSchema,
});
export const listLinks = defineRoute({
  method: 'GET',
  path: '/files/trees/:treeId/links',
  access: 'session',
  summary: 'The links of a space that lead strangers in, for those who manage it; newest first, at most 500.',
  params: z.object({ treeId: idSchema }),
  response: z.object({ rows: z.array(linkSchema).max(500) }),
});
export const listNodeLinks = defineRoute({
  method: 'GET',
  path: '/files/nodes/:nodeId/links',
  access: 'session',
  summary: 'The links of a file or folder, for those who manage it.',
  params: nodeParams,
  response: z.object({ rows: z.array(linkSchema).max(500) }),
});
export const revokeLink = defineRoute({
  method: 'DELETE',
  path: '/files/links/:linkId',
  access: 'session',
  summary: 'Ends a link; what is on its way by it ends within seconds.',
  params: z.object({ linkId: idSchema }),
});
