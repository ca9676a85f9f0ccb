import { defineSlot } from '@liaison/core/web';
import type { Conversation, Message } from '../contract/index.ts';

/** Beside the title of a conversation: `Call the 4 free`, a meeting. `freeIds` are the members who are free now. */
export const conversationVerbs = defineSlot<{
  conversation: Conversation;
  freeIds: readonly string[];
}>('chat.conversation-verbs');

/**
 * Between two messages: what happened in the conversation that is no message (a call's record). Draw nothing, or what
 * lies after `from` and before `to` (RFC 3339; null at an open end).
 */
export const conversationItems = defineSlot<{
  conversation: Conversation;
  from: string | null;
  to: string | null;
}>('chat.conversation-items');

/** In a message's menu: `Menu.Item`s. */
export const messageVerbs = defineSlot<{ conversation: Conversation; message: Message }>(
  'chat.message-verbs',
);
