import { defineRoute, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';
import { attachmentSchema } from './message.ts';

/** A file of a message, and where it was said. */
export const sentAttachmentSchema = attachmentSchema.extend({
  messageId: z.uuid(),
  conversationId: z.uuid(),
  seq: z.number().int(),
  threadId: z.uuid().nullable(),
  authorId: z.uuid().nullable(),
  sentAt: z.string(),
});
export type SentAttachment = z.infer<typeof sentAttachmentSchema>;

/** Those of messages that were taken back are gone with them. */
export const listAttachments = defineRoute({
  method: 'GET',
  path: '/chat/conversations/:conversationId/attachments',
  access: 'session',
  summary: 'The files of a conversation, newest first, its threads too.',
  params: z.object({ conversationId: z.uuid() }),
  query: pageQuery,
  response: z.object({ rows: z.array(sentAttachmentSchema), next: z.string().nullable() }),
});
