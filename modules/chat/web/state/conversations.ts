import { type Conversation, excerptOf, type Message } from '../../contract/index.ts';

/** The server counts up to this, so a page must not count further. */
export const countBound = 100;

export type Conversations = readonly Conversation[];

/**
 * A new message in the list: its words, its place at the top and what it adds to the counts. One that the list knows
 * already (an answer that was newer than the event) changes nothing.
 */
export function takeSent(list: Conversations, message: Message, me: string): Conversations {
  const at = list.findIndex((each) => each.id === message.conversationId);
  const held = list[at];
  if (!held || message.seq <= held.lastSeq) return list;
  const byMe = message.authorId === me;
  const isNew = !byMe && !message.deleted && message.seq > held.readSeq;
  const inTimeline = message.threadId === null;
  const namesMe = isNew && message.mentions.includes(me);
  const next: Conversation = {
    ...held,
    lastSeq: message.seq,
    unread: Math.min(countBound, held.unread + (isNew && inTimeline ? 1 : 0)),
    unreadMentions: Math.min(countBound, held.unreadMentions + (namesMe ? 1 : 0)),
    firstMention: held.firstMention ?? (namesMe ? { seq: message.seq, threadId: message.threadId } : null),
    last: inTimeline
      ? {
          authorId: message.authorId,
          excerpt: excerptOf(message.body),
          sentAt: message.sentAt,
          deleted: message.deleted,
        }
      : held.last,
  };
  if (!inTimeline) return list.with(at, next);
  return [next, ...list.slice(0, at), ...list.slice(at + 1)];
}

/** Whether an edit or a deletion can change the row: its words, or how many are unread. Then it is asked for anew. */
export function touchesRow(list: Conversations, message: Message): boolean {
  const held = list.find((each) => each.id === message.conversationId);
  if (!held || (!message.deleted && message.editedAt === null)) return false;
  return message.seq > held.readSeq || message.sentAt === held.last?.sentAt;
}

/**
 * My read mark moved, here or on another page. Where messages remain above it their count is not known here: the caller
 * asks for that conversation anew when `unsure`.
 */
export function takeReadMark(
  list: Conversations,
  { conversationId, readSeq, readAt }: { conversationId: string; readSeq: number; readAt: string },
): { list: Conversations; unsure: boolean } {
  const at = list.findIndex((each) => each.id === conversationId);
  const held = list[at];
  if (!held || readSeq <= held.readSeq) return { list, unsure: false };
  if (readSeq < held.lastSeq && (held.unread > 0 || held.unreadMentions > 0)) {
    return { list: list.with(at, { ...held, readSeq, readAt }), unsure: true };
  }
  return {
    list: list.with(at, { ...held, readSeq, readAt, unread: 0, unreadMentions: 0, firstMention: null }),
    unsure: false,
  };
}

/** One conversation as the server tells it now, in its place by its newest message. */
export function takeConversation(list: Conversations, conversation: Conversation): Conversations {
  const others = list.filter((each) => each.id !== conversation.id);
  const held = list.find((each) => each.id === conversation.id);
  // An answer that is older than the events we have had would take messages or the read mark back.
  if (held && (held.lastSeq > conversation.lastSeq || held.readSeq > conversation.readSeq)) return list;
  if (held && held.last?.sentAt === conversation.last?.sentAt) {
    return list.map((each) => (each.id === conversation.id ? conversation : each));
  }
  const time = conversation.last?.sentAt ?? '';
  const place = others.findIndex((each) => (each.last?.sentAt ?? '') < time);
  return place < 0 ? [...others, conversation] : others.toSpliced(place, 0, conversation);
}

/** What is new in one: its messages, or where there are none that I am named in its threads. */
export const newIn = ({ unread, unreadMentions }: Conversation): number => unread || unreadMentions;

/** What waits in all of them: the rail, the page's title and the segments say the same. */
export function countAll(list: Conversations): { unread: number; mentions: number } {
  let unread = 0;
  let mentions = 0;
  for (const each of list) {
    if (each.archived) continue;
    unread += newIn(each);
    mentions += each.unreadMentions;
  }
  return { unread, mentions };
}
