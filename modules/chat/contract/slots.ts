import type { SlotDefinition } from '@liaison/core/web';
import type { Conversation, Message } from './message.ts';

/**
 * Beside the title of a conversation: `Call the 4 free`, a meeting. `freeIds` are the members who are free now. Slots are
 * named here by hand, because the server reads this folder too and cannot load core/web.
 */
export const conversationVerbs: SlotDefinition<{
  conversation: Conversation;
  freeIds: readonly string[];
}> = { name: 'chat.conversation-verbs' };

/** What a page that is hidden is about to say outside itself, by the kind of news that it is, and where it was written. */
export interface Whispered {
  readonly kind: 'chat.mention' | 'chat.direct-message';
  readonly spaceId: string;
  readonly containerId: string;
}
/** Draw nothing: hand `decide` what answers whether that may be said now, and call what it returns to take it back. */
export const whisperGate: SlotDefinition<{
  decide: (may: (whispered: Whispered) => Promise<boolean>) => () => void;
}> = { name: 'chat.whisper-gate' };

/** In the menu of a conversation: `Menu.Item`s, with a `Menu.Divider` before them. */
export const conversationMenu: SlotDefinition<{ conversation: Conversation }> = {
  name: 'chat.conversation-menu',
};

/** A stretch of time, RFC 3339; null at an open end. */
export interface Between {
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * Between two messages: what happened in the conversation that is no message (a call's record). Draw nothing, or what
 * lies from `from` on and before `to`. `shown` is all that is on the page now: what to ask for at once.
 */
export const conversationItems: SlotDefinition<Between & { conversation: Conversation; shown: Between }> = {
  name: 'chat.conversation-items',
};

/** In a message's menu: `Menu.Item`s. */
export const messageVerbs: SlotDefinition<{ conversation: Conversation; message: Message }> = {
  name: 'chat.message-verbs',
};
