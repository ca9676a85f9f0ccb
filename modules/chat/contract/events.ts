import { defineEvent, idSchema } from '@liaison/core/contract';
import { z } from 'zod';

const ofMessage = z.object({
  spaceId: idSchema,
  conversationId: idSchema,
  messageId: idSchema,
  seq: z.number().int(),
  version: z.number().int(),
});
/** Pages get the whole message (`messageSchema`) as the event's data. */
export const messageSent = defineEvent({
  name: 'chat.message-sent',
  version: 1,
  stream: 'spaceId',
  payload: ofMessage,
});
/** Edited, deleted, reacted to or replied to. Pages get the whole message. */
export const messageChanged = defineEvent({
  name: 'chat.message-changed',
  version: 1,
  stream: 'spaceId',
  payload: ofMessage,
});
export const conversationCreated = defineEvent({
  name: 'chat.conversation-created',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, conversationId: idSchema }),
});
/** Renamed, archived or taken back into use. */
export const conversationChanged = defineEvent({
  name: 'chat.conversation-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, conversationId: idSchema }),
});
/** In the reader's personal space: all her pages agree on what is unread. */
export const readMoved = defineEvent({
  name: 'chat.read-moved',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, conversationId: idSchema, readSeq: z.number().int() }),
});
