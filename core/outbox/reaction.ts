import type { EventDefinition, OutboxEvent } from '../contract/index.ts';

/**
 * Something a module does after an event was committed. It runs at least once per event, in the stream's order, in one
 * process at a time; it must be safe to run twice.
 */
export interface Reaction {
  /** `module.what-it-does`; the name keeps its cursors, so it never changes once landed. */
  readonly name: `${string}.${string}`;
  /** Names of the events it wants; every other one is passed over. */
  readonly events: readonly string[];
  /** Throwing makes it be tried again with growing pauses; after 10 tries the stream is parked for this reaction. */
  handle(event: OutboxEvent): Promise<void>;
  /**
   * The same for several events of one organisation at once, where that is cheaper: of one stream or of many, each stream's in
   * its order. When it throws, they are handled stream by stream and then one by one, so that only the bad one is tried again.
   */
  handleMany?(events: readonly OutboxEvent[]): Promise<void>;
}

/** Declares a reaction to one kind of event with its payload typed and parsed. */
export function reactTo<Payload extends Record<string, unknown>>(
  name: Reaction['name'],
  event: EventDefinition<Payload>,
  handle: (event: OutboxEvent<Payload>) => Promise<void>,
): Reaction {
  return {
    name,
    events: [event.name],
    handle: (raw) => handle({ ...raw, payload: event.payload.parse(raw.payload) }),
  };
}

/** After so many failures an event is parked: its stream waits for an administrator, other streams go on. */
export const triesBeforeParking = 10;

/** Pause before the next try, in milliseconds: 0.5 s doubling to 5 minutes. */
export const backoffMs = (tries: number): number => Math.min(500 * 2 ** Math.max(0, tries - 1), 300_000);
