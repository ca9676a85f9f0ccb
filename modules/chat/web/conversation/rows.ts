import type { Message } from '../../contract/index.ts';

/** One message as it is drawn, with what stands above it. */
export interface LogRow {
  readonly message: Message;
  /** Follows another by the same person within a few minutes: no face, no name. */
  readonly continued: boolean;
  /** The first of its day: where the day is said. */
  readonly newDay: boolean;
  /** The first that was new when the conversation was opened. */
  readonly firstNew: boolean;
}

/** Later than this after the one before, a message begins anew with face and name. */
const togetherMs = 5 * 60_000;

/**
 * @param newAbove messages of others above this number are new; null: none is marked.
 * @param dayAbove the day of what stands above them (a thread's first message), said already.
 * @param dayOf the calendar day of a moment in the reader's zone.
 */
export function logRows(
  messages: readonly Message[],
  {
    newAbove,
    me,
    dayOf,
    dayAbove,
  }: { newAbove: number | null; me: string; dayOf: (at: string) => string; dayAbove?: string },
): LogRow[] {
  let marked = newAbove === null;
  let before: { message: Message; day: string } | undefined;
  return messages.map((message) => {
    const day = dayOf(message.sentAt);
    const newDay = (before?.day ?? dayAbove) !== day;
    const firstNew = !marked && message.seq > newAbove! && message.authorId !== me;
    if (firstNew) marked = true;
    const continued =
      !newDay &&
      !firstNew &&
      before !== undefined &&
      before.message.authorId === message.authorId &&
      !before.message.deleted &&
      !message.deleted &&
      Date.parse(message.sentAt) - Date.parse(before.message.sentAt) < togetherMs;
    before = { message, day };
    return { message, continued, newDay, firstNew };
  });
}
