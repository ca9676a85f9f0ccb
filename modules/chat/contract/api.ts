import { defineCommand, defineRoute, defineSignal, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';
import {
  attachmentSchema,
  conversationSchema,
  maxAttachments,
  maxBodyLength,
  messageSchema,
} from './message.ts';

const conversationParams = z.object({ conversationId: z.uuid() });
const messageParams = z.object({ messageId: z.uuid() });
const body = z.string().max(maxBodyLength);

const stretchQuery = z.object({
  /** Below this number (older), above it (newer), or around it; none: the newest. */
  before: z.coerce.number().int().optional(),
  after: z.coerce.number().int().optional(),
  around: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(60),
});
const stretch = z.object({
  rows: z.array(messageSchema),
  /** Whether there are older and newer ones beyond this stretch. */
  older: z.boolean(),
  newer: z.boolean(),
});

export const listConversations = defineRoute({
  method: 'GET',
  path: '/chat/conversations',
  access: 'session',
  summary: 'My conversations, the one with the newest message first.',
  response: z.object({ rows: z.array(conversationSchema) }),
});
export const getConversation = defineRoute({
  method: 'GET',
  path: '/chat/conversations/:conversationId',
  access: 'session',
  summary: 'One conversation.',
  params: conversationParams,
  response: conversationSchema,
});
/** Finds or makes the one direct conversation with somebody. */
export const openDirect = defineRoute({
  method: 'POST',
  path: '/chat/direct',
  access: 'session',
  summary: 'My direct conversation with a person.',
  body: z.object({ personId: z.uuid() }),
  response: conversationSchema,
});
export const listMessages = defineRoute({
  method: 'GET',
  path: '/chat/conversations/:conversationId/messages',
  access: 'session',
  summary: 'A stretch of a conversation in its order, without the replies in threads.',
  params: conversationParams,
  query: stretchQuery,
  response: stretch,
});
export const listThread = defineRoute({
  method: 'GET',
  path: '/chat/messages/:messageId/thread',
  access: 'session',
  summary: 'A message and a stretch of the replies to it.',
  params: messageParams,
  query: stretchQuery,
  response: stretch.extend({ root: messageSchema }),
});
export const sendMessage = defineRoute({
  method: 'POST',
  path: '/chat/conversations/:conversationId/messages',
  access: 'session',
  summary: 'Says something. The same clientKey again answers with the message that there is already.',
  params: conversationParams,
  body: z
    .object({
      clientKey: z.uuid(),
      body,
      threadId: z.uuid().nullable().default(null),
      attachmentIds: z.array(z.uuid()).max(maxAttachments).default([]),
    })
    .refine((message) => message.body.trim() !== '' || message.attachmentIds.length > 0, 'an empty message'),
  bodyLimitBytes: 256 * 1024,
  response: messageSchema,
});
export const editMessage = defineRoute({
  method: 'PATCH',
  path: '/chat/messages/:messageId',
  access: 'session',
  summary: 'Changes what I said; what it was before is kept for those who can read it.',
  params: messageParams,
  body: z.object({ body: body.refine((text) => text.trim() !== '', 'an empty message') }),
  bodyLimitBytes: 256 * 1024,
  response: messageSchema,
});
export const deleteMessage = defineRoute({
  method: 'DELETE',
  path: '/chat/messages/:messageId',
  access: 'session',
  summary: 'Takes back what I said (or, as a manager of the space, what anybody said).',
  params: messageParams,
  response: messageSchema,
});
export const listMessageVersions = defineRoute({
  method: 'GET',
  path: '/chat/messages/:messageId/versions',
  access: 'session',
  summary: 'What an edited message was before, newest first.',
  params: messageParams,
  response: z.object({ rows: z.array(z.object({ body: z.string(), writtenAt: z.string() })) }),
});
export const setReaction = defineRoute({
  method: 'PUT',
  path: '/chat/messages/:messageId/reactions',
  access: 'session',
  summary: 'Adds or takes back one of my reactions.',
  params: messageParams,
  body: z.object({ emoji: z.string().min(1).max(32), on: z.boolean() }),
  response: messageSchema,
});
export const markRead = defineRoute({
  method: 'PUT',
  path: '/chat/conversations/:conversationId/read',
  access: 'session',
  summary: 'I have read up to this number; never moves back.',
  params: conversationParams,
  body: z.object({ seq: z.number().int().min(0) }),
  response: z.object({ readSeq: z.number().int() }),
});
/** The bytes are the body. `name` and `type` are what the file calls itself; neither is believed. */
export const uploadAttachment = defineRoute({
  method: 'POST',
  path: '/chat/conversations/:conversationId/attachments',
  access: 'session',
  summary: 'Uploads a file for a message that is about to be sent.',
  params: conversationParams,
  query: z.object({ name: z.string().min(1).max(255), type: z.string().max(255).default('') }),
  raw: true,
  response: attachmentSchema,
});
const attachmentParams = z.object({ attachmentId: z.uuid() });
export const downloadAttachment = defineRoute({
  method: 'GET',
  path: '/chat/attachments/:attachmentId',
  access: 'session',
  summary: 'The exact bytes, always as a download.',
  params: attachmentParams,
});
export const previewAttachment = defineRoute({
  method: 'GET',
  path: '/chat/attachments/:attachmentId/preview',
  access: 'session',
  summary: 'A picture drawn anew in a bounded size.',
  params: attachmentParams,
});
export const searchMessages = defineRoute({
  method: 'GET',
  path: '/chat/search',
  access: 'session',
  summary: 'Messages of my conversations with these words, newest first.',
  query: pageQuery.extend({ q: z.string().trim().min(2).max(200), conversationId: z.uuid().optional() }),
  response: z.object({ rows: z.array(messageSchema), next: z.string().nullable() }),
});

/** Looked for among the newest of the conversations that both were lately in, and of their direct one. */
export const listWordsWith = defineRoute({
  method: 'GET',
  path: '/chat/with/:personId',
  access: 'session',
  summary:
    'The last words between somebody and me: of our direct conversation, and what she said where I am as well.',
  params: z.object({ personId: z.uuid() }),
  query: z.object({ limit: z.coerce.number().int().min(1).max(20).default(6) }),
  response: z.object({ rows: z.array(messageSchema).max(20) }),
});

/** Said by a page at most every 3 s while its person writes. */
export const sayTyping = defineCommand({
  name: 'chat.say-typing',
  params: z.object({ conversationId: z.uuid(), threadId: z.uuid().nullable().default(null) }),
  result: z.object({}),
});
/** To all pages of a conversation's people; it holds for 5 s. */
export const typing = defineSignal({
  name: 'chat.typing',
  data: z.object({ conversationId: z.uuid(), threadId: z.uuid().nullable(), personId: z.uuid() }),
});
