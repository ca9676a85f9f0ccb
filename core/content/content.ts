import type { EventDefinition } from '../contract/index.ts';
import type { Tx } from '../db/index.ts';
import type { Place } from '../spaces/index.ts';

/**
 * Something that people find again: a message, a file, a card, an appointment. What it says is true for as long as the row
 * that it is made of; whoever keeps any of it follows the events (`followContent`).
 */
export interface ContentDocument {
  /** Of one kind there is one with this id. */
  readonly id: string;
  /** Who may read here may know of it: `core.right_within` gives at least `read`. Nothing else decides. */
  readonly place: Place & { readonly spaceId: string };
  /** One line, as its list shows it: a subject, a name. Empty where it has none, as a message. */
  readonly title: string;
  /** What is written in it, without markup; at most `mostText` characters of it are kept. */
  readonly text: string;
  /** Who wrote it, or whom it is about. */
  readonly personIds: readonly string[];
  /** Where its place is named for people: a conversation, a folder, a calendar, a book. */
  readonly container: string;
  /** When it was said, changed last, or takes place. */
  readonly at: Date;
  /** The address of its page, from `/` on. */
  readonly path: string;
}

export const mostText = 100_000;

/** One kind of content that a module holds, offered to whoever looks through all kinds. */
export interface ContentSource {
  /** `module.noun`, for instance `chat.message`; never changes once landed. */
  readonly kind: `${string}.${string}`;
  /** Raised when its documents say something else than before: they are read anew, all of them. */
  readonly version: number;
  /** Its ids are people's: a guest knows of those with whom she shares a space (`seenBy`), whatever their place says. */
  readonly isPeople?: true;
  readonly changes: readonly ContentChange[];
  /** Ids of everything there is, in their order, `after` one of them; fewer than `limit` when that was all. */
  list(tx: Tx, page: ContentPage): Promise<readonly string[]>;
  /** What these are now. Those that are gone, or in the trash, are missing in the answer. At most `contentPage` ids. */
  read(tx: Tx, ids: readonly string[]): Promise<readonly ContentDocument[]>;
}

export interface ContentPage {
  readonly after: string | null;
  readonly limit: number;
}

/** So many documents are read at once. */
export const contentPage = 200;

/** An event after which some documents of a kind are no longer what they were, or are gone. */
export interface ContentChange {
  /** Its name. */
  readonly event: string;
  /** Ids of those it concerns: all, or where they may be many (all below a folder that moved) in pages as of `ContentSource.list`. */
  idsOf(tx: Tx, payload: Record<string, unknown>, page: ContentPage): Promise<readonly string[]>;
}

/** Declares such an event with its payload typed. */
export function changedBy<Payload extends Record<string, unknown>>(
  event: EventDefinition<Payload>,
  idsOf: (tx: Tx, payload: Payload, page: ContentPage) => Promise<readonly string[]> | readonly string[],
): ContentChange {
  return {
    event: event.name,
    idsOf: async (tx, payload, page) => idsOf(tx, event.payload.parse(payload), page),
  };
}
