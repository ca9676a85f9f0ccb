import type { Message } from '../../contract/index.ts';

/**
 * A gapless stretch of messages in the server's order. `older` and `newer`: there are more beyond that end. Everything
 * here is pure, and taking the same thing twice or late changes nothing.
 */
export interface Stretch {
  readonly messages: readonly Message[];
  readonly older: boolean;
  readonly newer: boolean;
}

export const emptyStretch: Stretch = { messages: [], older: false, newer: false };

/** Index of the first message with at least this number. */
export function placeOf(messages: readonly Message[], seq: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * One message from a live event or as the answer to what we did. A higher version replaces what is held; one beyond an
 * end behind which there are more is left to be fetched with them.
 */
export function takeMessage(stretch: Stretch, message: Message): Stretch {
  const { messages } = stretch;
  const place = placeOf(messages, message.seq);
  const held = messages[place];
  if (held?.seq === message.seq) {
    if (held.version >= message.version) return stretch;
    return { ...stretch, messages: messages.with(place, message) };
  }
  if (place === 0 && stretch.older) return stretch;
  if (place === messages.length && stretch.newer) return stretch;
  return { ...stretch, messages: messages.toSpliced(place, 0, message) };
}

/** Both lists in one order; where both have a message, the higher version. */
export function mergeMessages(one: readonly Message[], other: readonly Message[]): readonly Message[] {
  const first = one[0];
  const last = other.at(-1);
  if (!first) return other;
  if (!last) return one;
  if (last.seq < first.seq) return [...other, ...one];
  if (one.at(-1)!.seq < other[0]!.seq) return [...one, ...other];
  const bySeq = new Map(one.map((message) => [message.seq, message]));
  for (const message of other) {
    const held = bySeq.get(message.seq);
    if (!held || held.version < message.version) bySeq.set(message.seq, message);
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** The answer to "before the first one held". */
export const extendOlder = (stretch: Stretch, answer: Stretch): Stretch => ({
  ...stretch,
  messages: mergeMessages(stretch.messages, answer.messages),
  older: answer.older,
});

/** The answer to "after the last one held". */
export const extendNewer = (stretch: Stretch, answer: Stretch): Stretch => ({
  ...stretch,
  messages: mergeMessages(stretch.messages, answer.messages),
  newer: answer.newer,
});

/** Keeps at most `max` messages, letting go at one end: there are more beyond it now. */
export function trim(stretch: Stretch, max: number, at: 'older' | 'newer'): Stretch {
  const { messages } = stretch;
  if (messages.length <= max) return stretch;
  return at === 'older'
    ? { ...stretch, messages: messages.slice(-max), older: true }
    : { ...stretch, messages: messages.slice(0, max), newer: true };
}
