import type { EventDefinition, OutboxEvent } from '../contract/index.ts';
import type { Tx } from '../db/index.ts';
import type { Place } from '../spaces/index.ts';

/** A kind of thing that people are told of: a mention, a missed call. */
export interface NewsKind {
  /** `module.noun`, for instance `chat.mention`; never changes once landed. */
  readonly kind: `${string}.${string}`;
  /** It waits for this person: an answer, or at least to be seen by her. */
  readonly needsMe: boolean;
  /** When it comes to somebody who chose nothing: at once, gathered once a day, or not at all. */
  readonly usual: 'now' | 'digest' | 'never';
}

/** One thing that happened, and whom it concerns. What it says is not here: that is read when somebody looks (`describe`). */
export interface NewsItem {
  readonly kind: NewsKind['kind'];
  /** `module:id`, at most 200 characters. A person has one news of it: of the kind that was told first. */
  readonly item: string;
  /** What it is shown together with: `chat.conversation:<id>`. At most 200 characters. */
  readonly group: string;
  /** People by id, or everybody in a space: of a kind that usually is not told only those who asked for it. */
  readonly for: readonly string[] | { readonly membersOf: string; readonly except: readonly string[] };
  readonly actorId: string | null;
  /** Who may not read here any more does not hear of it. Null: it is the person's own. */
  readonly place: Place | null;
  readonly at: Date;
  /** Where it stands in its group, for what is read up to a number. */
  readonly order?: number;
}

/** A person has seen it at its own place: all of a group, as far as a number; or some items. */
export type NewsRead =
  | {
      readonly personId: string;
      readonly group: string;
      readonly upTo?: number;
      readonly kinds?: readonly NewsKind['kind'][];
    }
  | { readonly personId: string; readonly items: readonly string[] };

/** What follows from events. */
export interface NewsOutcome {
  readonly news?: readonly NewsItem[];
  readonly read?: readonly NewsRead[];
  /** Items that are no more: nobody hears of them any longer. */
  readonly gone?: readonly string[];
}

/** What one item says to one person, as it is now. */
export interface NewsText {
  /** What it is about: a conversation's, file's or appointment's name. */
  readonly title: string;
  /** One line of what was said; may be empty. */
  readonly text: string;
  /** The address of its page, from `/` on. */
  readonly path: string;
  readonly startsAt?: Date;
  /** What a page's own notice of the same is tagged with, so that nobody sees both. */
  readonly tag?: string;
}

/** What happened in a module that concerns people, offered to whoever tells them. */
export interface NewsSource {
  readonly kinds: readonly NewsKind[];
  readonly hears: readonly NewsHeard[];
  /** Whom it was read by before it could be told: `${personId} ${item}` of those asked. Asked after others' news wait. */
  settled?(
    tx: Tx,
    asked: readonly { readonly personId: string; readonly item: string }[],
  ): Promise<ReadonlySet<string>>;
  /** At most 200 items. What is missing in the answer is gone, or nothing to this person. */
  describe(
    tx: Tx,
    personId: string,
    items: readonly { readonly kind: string; readonly item: string }[],
  ): Promise<ReadonlyMap<string, NewsText>>;
}

/** An event that concerns people. */
export interface NewsHeard {
  readonly event: string;
  /** Of several events of one organisation at once, each stream's in their order; safe to ask twice. */
  outcome(tx: Tx, events: readonly OutboxEvent[]): Promise<NewsOutcome>;
}

/** Declares such an event with its payload typed. */
export function hears<Payload extends Record<string, unknown>>(
  event: EventDefinition<Payload>,
  outcome: (tx: Tx, events: readonly OutboxEvent<Payload>[]) => Promise<NewsOutcome> | NewsOutcome,
): NewsHeard {
  return {
    event: event.name,
    outcome: async (tx, events) =>
      outcome(
        tx,
        events.map((each) => ({ ...each, payload: event.payload.parse(each.payload) })),
      ),
  };
}
