import type { Db, Tx } from '../db/index.ts';
import type { Outbox, Reaction } from '../outbox/index.ts';
import { type ContentDocument, type ContentSource, contentPage } from './content.ts';

/** Documents of one kind as they are now, for whoever keeps something made of them. */
export interface ContentRead {
  readonly source: ContentSource;
  /** All that were asked for; those without a document are gone. */
  readonly ids: readonly string[];
  readonly documents: readonly ContentDocument[];
}

/**
 * Calls `keep` with what changed, soon after it did, in the transaction that read it. It runs at least once for each change, so
 * what it writes takes the place of what it wrote before.
 *
 * @param name the follower, such as `search.index`: it keeps a cursor for each event, so it never changes once landed.
 */
export function followContent(
  { db, outbox }: { db: Db; outbox: Outbox },
  name: `${string}.${string}`,
  sources: readonly ContentSource[],
  keep: (tx: Tx, read: ContentRead) => Promise<void>,
): void {
  const events = new Set(sources.flatMap(({ changes }) => changes.map(({ event }) => event)));
  for (const event of events) {
    const concerned = sources.flatMap((source) =>
      source.changes.filter((change) => change.event === event).map((change) => ({ source, change })),
    );
    const reaction: Reaction = {
      name: `${name}-after.${event}`,
      events: [event],
      async handle({ orgId, payload }) {
        for (const { source, change } of concerned) {
          await eachPage(db, orgId, source, (tx, page) => change.idsOf(tx, payload, page), keep);
        }
      },
    };
    outbox.react(reaction);
  }
}

/** Reads every document of a kind, in pages of a transaction each: an index that is new, or whose form changed. */
export const readAllContent = (
  db: Db,
  orgId: string,
  source: ContentSource,
  keep: (tx: Tx, read: ContentRead) => Promise<void>,
  after: string | null = null,
): Promise<void> => eachPage(db, orgId, source, (tx, page) => source.list(tx, page), keep, after);

async function eachPage(
  db: Db,
  orgId: string,
  source: ContentSource,
  idsOf: (tx: Tx, page: { after: string | null; limit: number }) => Promise<readonly string[]>,
  keep: (tx: Tx, read: ContentRead) => Promise<void>,
  from: string | null = null,
): Promise<void> {
  let after = from;
  for (;;) {
    const ids: readonly string[] = await db.transaction(orgId, async (tx) => {
      const concerned = await idsOf(tx, { after, limit: contentPage });
      const page = [...new Set(concerned)]
        .sort()
        .filter((id) => after === null || id > after)
        .slice(0, contentPage);
      if (page.length > 0) await keep(tx, { source, ids: page, documents: await source.read(tx, page) });
      return page;
    });
    if (ids.length < contentPage) return;
    after = ids.at(-1) ?? null;
  }
}
