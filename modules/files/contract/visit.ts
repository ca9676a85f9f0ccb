import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/**
 * What a stranger may ask who has a link. A link that ended, was used up, was taken back or never was answers the same 404
 * everywhere; one with a password answers 403 `files-link-password` until it was given.
 */
const token = z.string().max(100);
const linkParams = z.object({ token });
const nodeParams = linkParams.extend({ nodeId: idSchema });

const visitNodeSchema = z.object({
  id: z.uuid(),
  kind: z.enum(['folder', 'file']),
  name: z.string(),
  bytes: z.number().int(),
  changedAt: z.string(),
});
export type VisitNode = z.infer<typeof visitNodeSchema>;

/** Gives a cookie for this visit; 403 `files-link-wrong` for another password, 429 for who guesses. Counted. */
export const openLink = defineRoute({
  method: 'POST',
  path: '/l/:token/open',
  access: 'public',
  summary: 'Comes in by a link, with its password where it has one.',
  params: linkParams,
  body: z.object({ password: z.string().max(200).optional() }),
});
export const readLink = defineRoute({
  method: 'GET',
  path: '/l/:token',
  access: 'public',
  summary: 'What a link leads to.',
  params: linkParams,
  response: z.object({
    mode: z.enum(['read', 'upload']),
    node: visitNodeSchema,
    organisation: z.string(),
    until: z.string().nullable(),
  }),
});
export const listLinked = defineRoute({
  method: 'GET',
  path: '/l/:token/nodes/:nodeId/children',
  access: 'public',
  summary: 'What lies in a folder that a link leads to, with the folders between.',
  params: nodeParams,
  query: z.object({ cursor: z.string().max(1500).optional() }),
  response: z.object({
    rows: z.array(visitNodeSchema).max(200),
    next: z.string().nullable(),
    path: z.array(z.object({ id: z.uuid(), name: z.string() })).max(100),
  }),
});
export const downloadLinked = defineRoute({
  method: 'GET',
  path: '/l/:token/nodes/:nodeId/content',
  access: 'public',
  summary: 'A file, or a folder as one zip; counted where the link has a number of downloads.',
  params: nodeParams,
});
export const listSent = defineRoute({
  method: 'GET',
  path: '/l/:token/sent',
  access: 'public',
  summary: 'What this visitor sent by a link to upload.',
  params: linkParams,
  response: z.object({
    rows: z
      .array(z.object({ id: z.uuid(), name: z.string(), bytes: z.number().int(), isWhole: z.boolean() }))
      .max(500),
  }),
});

const uploadParams = linkParams.extend({ uploadId: idSchema });
/** tus 1.0.0 as at `/files/uploads`, without a `folderId`. */
export const beginLinkUpload = defineRoute({
  method: 'POST',
  path: '/l/:token/uploads',
  access: 'public',
  summary: 'Begins an upload by a link.',
  params: linkParams,
  raw: true,
});
export const readLinkUpload = defineRoute({
  method: 'GET',
  path: '/l/:token/uploads/:uploadId',
  access: 'public',
  summary: 'How much of it is here (HEAD says the same).',
  params: uploadParams,
});
export const continueLinkUpload = defineRoute({
  method: 'PATCH',
  path: '/l/:token/uploads/:uploadId',
  access: 'public',
  summary: 'Further bytes of it.',
  params: uploadParams,
  raw: true,
});
export const endLinkUpload = defineRoute({
  method: 'DELETE',
  path: '/l/:token/uploads/:uploadId',
  access: 'public',
  summary: 'Gives it up.',
  params: uploadParams,
});
