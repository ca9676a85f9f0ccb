import type { Conversation } from '../../contract/index.ts';

/** The other person of a direct conversation; undefined for teams, and where the other one is gone. */
export const otherIn = (conversation: Conversation, me: string): string | undefined =>
  conversation.kind === 'direct' ? conversation.memberIds.find((id) => id !== me) : undefined;

/** How somebody is called among colleagues in a list: the first word of the name. */
export const shortName = (name: string): string => name.split(/\s+/, 1)[0] ?? name;
