import type { OutboxEvent } from '../contract/index.ts';
import type { Db, Tx } from '../db/index.ts';
import type { Outbox, Reaction } from '../outbox/index.ts';
import { type ContentDocument, type ContentPage, type ContentSource, contentPage } from './content.ts';

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
    // All of one organisation.
    const follow = async (told: readonly Pick<OutboxEvent, 'orgId' | 'payload'>[]): Promise<void> => {
      for (const { source, change } of concerned) {
        const read = (idsOf: IdsOf) =>
          eachPage({ db, name, orgId: told[0]!.orgId, source, idsOf, keep, from: null });
        /** All that an event concerns; what concerns many is read by itself, or each page of all would ask for each of these anew. */
        const few = new Map<object, readonly string[]>();
        const many = new Set<(typeof told)[number]>();
        await read(async (tx, page) => {
          for (const each of told) {
            if (few.has(each) || many.has(each)) continue;
            const ids = await change.idsOf(tx, each.payload, page);
            if (ids.length < page.limit) few.set(each, ids);
            else many.add(each);
          }
          return [...few.values()].flat();
        });
        for (const { payload } of many) await read((tx, page) => change.idsOf(tx, payload, page));
      }
    };
    const reaction: Reaction = {
      name: `${name}-after.${event}`,
      events: [event],
      handle: (one) => follow([one]),
      handleMany: follow,
    };
    outbox.react(reaction);
  }
}

type IdsOf = (tx: Tx, page: ContentPage) => Promise<readonly string[]>;

/**
 * Reads every document of a kind, in pages of a transaction each: for an index that is new, or whose form changed.
 *
 * @param name the follower's, so that the two do not write over each other.
 * @param options.after where an earlier reading stopped; `reached` is told after each page how far it is, `signal` ends it there.
 */
export const readAllContent = (
  db: Db,
  name: `${string}.${string}`,
  orgId: string,
  source: ContentSource,
  keep: (tx: Tx, read: ContentRead) => Promise<void>,
  options: {
    after?: string | null;
    reached?: (tx: Tx, id: string, documents: number) => Promise<void>;
    signal?: AbortSignal;
  } = {},
): Promise<void> =>
  eachPage({
    db,
    name,
    orgId,
    source,
    idsOf: (tx, page) => source.list(tx, page),
    keep: async (tx, read) => {
      await keep(tx, read);
      await options.reached?.(tx, read.ids.at(-1)!, read.ids.length);
    },
    from: options.after ?? null,
    signal: options.signal,
  });

async function eachPage({
  db,
  name,
  orgId,
  source,
  idsOf,
  keep,
  from,
  signal,
}: {
  db: Db;
  name: string;
  orgId: string;
  source: ContentSource;
  idsOf: IdsOf;
  keep: (tx: Tx, read: ContentRead) => Promise<void>;
  from: string | null;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  let after = from;
  while (!signal?.aborted) {
    const ids: readonly string[] = await db.transaction(orgId, async (tx) => {
      const concerned = await idsOf(tx, { after, limit: contentPage });
      const page = [...new Set(concerned)]
        .sort()
        .filter((id) => after === null || id > after)
        .slice(0, contentPage);
      if (page.length > 0) {
        await holdBack(tx, name, source, page);
        await keep(tx, { source, ids: page, documents: await source.read(tx, page) });
      }
      return page;
    });
    if (ids.length < contentPage) return;
    after = ids.at(-1) ?? null;
  }
}

/**
 * Reactions to two events about one document may run at the same moment. Whoever reads it waits until the other has written what
 * it read, and reads after that: what was read first is never written last.
 */
const holdBack = (tx: Tx, name: string, source: ContentSource, ids: readonly string[]): Promise<unknown> =>
  tx.query(
    `select count(pg_advisory_xact_lock(hashtextextended($1 || id, 0)))
     from (select id from unnest($2::text[]) as id order by id collate "C") as each`,
    [`${name} ${source.kind} `, ids],
  );
