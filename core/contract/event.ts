import type { z } from 'zod';

/**
 * Something that happened, told through the outbox. Payloads carry ids and versions, never content.
 *
 * @typeParam Payload what the event carries; `payload[stream]` is the id of the space whose order it joins.
 */
export interface EventDefinition<Payload extends Record<string, unknown> = Record<string, unknown>> {
  /** `module.past-tense-verb`, for instance `chat.message-sent`. */
  readonly name: `${string}.${string}`;
  /** Raised when the payload's shape changes; readers of N also read N-1. */
  readonly version: number;
  /** The key of the payload that holds the space id (the stream). */
  readonly stream: keyof Payload & string;
  readonly payload: z.ZodType<Payload>;
}

/** An event as read back from the outbox. `seq` counts from 1 without a gap within its stream. */
export interface OutboxEvent<Payload extends Record<string, unknown> = Record<string, unknown>> {
  readonly id: string;
  readonly orgId: string;
  readonly streamId: string;
  readonly seq: number;
  readonly name: string;
  readonly version: number;
  readonly payload: Payload;
  /** Who did it, where it was somebody. */
  readonly personId: string | null;
  readonly requestId: string | null;
  readonly at: Date;
}

/** Declares an event; the identity function that keeps the payload's type. */
export function defineEvent<Payload extends Record<string, unknown>>(
  definition: EventDefinition<Payload>,
): EventDefinition<Payload> {
  return definition;
}
