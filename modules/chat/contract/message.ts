import { z } from 'zod';

/** Longest message in characters. */
export const maxBodyLength = 20_000;
/** Files in one message, and the largest of them in bytes. */
export const maxAttachments = 10;
export const maxAttachmentBytes = 200 * 1024 * 1024;

export const attachmentSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.number().int(),
  /** Set for pictures that have a preview at `/chat/attachments/:id/preview`. */
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  /** The file of the space that it is; null until it is sent, and for what was sent before they were files. */
  nodeId: z.uuid().nullable(),
  /** In the trash of Files, or deleted there: its bytes are not answered. */
  removed: z.boolean(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

export const messageSchema = z.object({
  id: z.uuid(),
  conversationId: z.uuid(),
  /** Order within the conversation, the same for everybody, from 1. */
  seq: z.number().int(),
  /** Rises with every edit, reaction and reply: a higher one replaces what a page holds. */
  version: z.number().int(),
  authorId: z.uuid().nullable(),
  /** Markdown; empty once deleted. `@[Name](person:<id>)` mentions somebody. */
  body: z.string(),
  mentions: z.array(z.uuid()),
  attachments: z.array(attachmentSchema),
  reactions: z.array(z.object({ emoji: z.string(), personIds: z.array(z.uuid()) })),
  /** The message that began the thread this one belongs to. */
  threadId: z.uuid().nullable(),
  replies: z.number().int(),
  lastReplyAt: z.string().nullable(),
  /** Up to three people who replied last. */
  repliers: z.array(z.uuid()),
  /** The key of the page that sent it: a queued copy with the same key is this message. */
  clientKey: z.string(),
  sentAt: z.string(),
  editedAt: z.string().nullable(),
  deleted: z.boolean(),
  /** Who took it away where that was not its author: somebody who manages the space. */
  removedById: z.uuid().nullable(),
});
export type Message = z.infer<typeof messageSchema>;

export const conversationSchema = z.object({
  id: z.uuid(),
  spaceId: z.uuid(),
  kind: z.enum(['direct', 'team']),
  /** The team's name; empty for direct ones, whose name is the other person's. */
  title: z.string(),
  /** Everybody in it; at most 2,000 are named, `memberCount` says how many there are. */
  memberIds: z.array(z.uuid()),
  memberCount: z.number().int(),
  lastSeq: z.number().int(),
  readSeq: z.number().int(),
  /** When the read mark moved last; null before anything was read. */
  readAt: z.string().nullable(),
  /** Messages of others above `readSeq`, counted up to 100. */
  unread: z.number().int(),
  unreadMentions: z.number().int(),
  /** The first message above `readSeq` that names me, and the thread that it is in. */
  firstMention: z.object({ seq: z.number().int(), threadId: z.uuid().nullable() }).nullable(),
  last: z
    .object({ authorId: z.uuid().nullable(), excerpt: z.string(), sentAt: z.string(), deleted: z.boolean() })
    .nullable(),
  canWrite: z.boolean(),
  /** May take away what others said. */
  canManage: z.boolean(),
  archived: z.boolean(),
});
export type Conversation = z.infer<typeof conversationSchema>;
