import type { FromServer, OutboxEvent } from '../contract/index.ts';
import type { Db } from '../db/index.ts';
import type { Log } from '../http/index.ts';
import { eventColumns, type StreamHead, toEvent } from '../outbox/index.ts';
import { textFrame } from './frame.ts';
import type { Presenter } from './live.ts';

/** A page as the reader sees it: which spaces it follows and how far it is in each. */
export interface Subscriber {
  readonly id: string;
  readonly orgId: string;
  readonly personId: string;
  /** `live` once it has caught up: from then on it gets every event as it is read. */
  readonly spaces: Map<string, { live: boolean }>;
  /** One write of one or more whole WebSocket frames. */
  sendFrames(frames: Buffer): void;
}

/**
 * Reads committed events for the pages of this process, once per event however many pages follow it.
 *
 * A stream's numbers are dense and in commit order (its row is locked until commit), so reading "above what I have" is
 * complete by itself; the bus only says when to look, and a slow poll covers a lost wake.
 */
export interface StreamReader {
  heads(spaces: readonly string[]): Promise<Map<string, number>>;
  /** Makes these streams known here, so that a `join` right after it takes effect at once. */
  open(spaces: readonly string[]): Promise<void>;
  /** Replays from `since` and then goes on live; `resync` when that is too much or no longer kept. */
  join(page: Subscriber, space: string, since: number): Promise<void>;
  leave(page: Subscriber, space: string): void;
  leaveAll(page: Subscriber): void;
  subscribers(space: string): Iterable<Subscriber>;
  wake(heads: readonly StreamHead[]): void;
  stop(): Promise<void>;
}

interface Stream {
  readonly space: string;
  /** Delivered to all live subscribers up to here. */
  head: number;
  /** Known to exist up to here. */
  target: number;
  reading: Promise<void> | undefined;
  readonly pages: Set<Subscriber>;
}

type OutboxRow = Parameters<typeof toEvent>[0];

/** An event as it goes over the wire; `hidden` is what those get whom `only` does not name. */
interface Item {
  readonly frame: Buffer;
  readonly hidden: Buffer;
  readonly only?: readonly string[];
}

const nothing = Buffer.alloc(0);

/** After giving events to its pages a stream rests `restFactor` times as long as that took, this at most. */
const longestRestMs = 60;
const restFactor = 2;

/** More missed events than this and fetching the page anew is cheaper. */
const maxReplay = 500;

export function createStreamReader({
  db,
  log,
  presenters,
  pollMs,
}: {
  db: Db;
  log: Log;
  presenters: Map<string, Presenter<Record<string, unknown>>>;
  pollMs: number;
}): StreamReader {
  const streams = new Map<string, Stream>();
  let stopped = false;

  const readEvents = (space: string, above: number, limit: number): Promise<OutboxEvent[]> =>
    db.system(async (tx) =>
      (
        await tx.query<OutboxRow>(
          `select ${eventColumns} from core.outbox where stream_id = $1 and seq > $2 order by seq limit $3`,
          [space, above, limit],
        )
      ).map(toEvent),
    );

  const readHeads = async (spaces: readonly string[]): Promise<Map<string, number>> => {
    const heads = new Map(spaces.map((space) => [space, 0]));
    if (spaces.length === 0) return heads;
    const rows = await db.system((tx) =>
      tx.query<{ stream_id: string; head: number }>(
        'select stream_id, head from core.stream where stream_id = any($1::uuid[])',
        [spaces],
      ),
    );
    for (const row of rows) heads.set(row.stream_id, row.head);
    return heads;
  };

  /** Presents events in order; the frame per event and whom it is for. */
  async function present(events: readonly OutboxEvent[]): Promise<Item[]> {
    const presented = new Map<string, { data: unknown; only?: readonly string[] }>();
    const kinds = new Map<string, OutboxEvent[]>();
    for (const event of events) kinds.set(event.name, [...(kinds.get(event.name) ?? []), event]);
    for (const [name, group] of kinds) {
      const presenter = presenters.get(name);
      if (!presenter) continue;
      const results = await presenter(group[0]!.orgId, group);
      group.forEach((event, index) => {
        const result = results[index];
        if (result) presented.set(event.id, result);
      });
    }
    return events.map((event) => {
      const result = presented.get(event.id) ?? { data: event.payload };
      const envelope = {
        t: 'event',
        space: event.streamId,
        seq: event.seq,
        at: event.at.toISOString(),
      } as const;
      const shown: FromServer = { ...envelope, name: event.name, data: result.data };
      const hidden: FromServer = { ...envelope, name: 'core.hidden', data: null };
      return {
        frame: textFrame(JSON.stringify(shown)),
        hidden: result.only ? textFrame(JSON.stringify(hidden)) : nothing,
        ...(result.only ? { only: result.only } : {}),
      };
    });
  }

  const frameFor = (page: Subscriber, item: Item): Buffer =>
    item.only && !item.only.includes(page.personId) ? item.hidden : item.frame;

  /** A write costs much more than the bytes in it, so each page gets all of a batch in one. */
  function giveAll(stream: Stream, items: readonly Item[]): void {
    const same = items.every((item) => !item.only);
    const whole = same ? Buffer.concat(items.map((item) => item.frame)) : nothing;
    for (const page of stream.pages) {
      if (!page.spaces.get(stream.space)?.live) continue;
      page.sendFrames(same ? whole : Buffer.concat(items.map((item) => frameFor(page, item))));
    }
  }

  function read(stream: Stream): void {
    if (stream.reading || stopped || stream.pages.size === 0) return;
    stream.reading = (async () => {
      while (stream.head < stream.target && stream.pages.size > 0 && !stopped) {
        const events = await readEvents(stream.space, stream.head, 200);
        if (events.length === 0) {
          // A wake can name a head that was purged; nothing is left to read below it.
          stream.head = stream.target;
          break;
        }
        const items = await present(events);
        const begun = performance.now();
        giveAll(stream, items);
        stream.head = events.at(-1)!.seq;
        stream.target = Math.max(stream.target, stream.head);
        // What comes meanwhile shares the next writes: the more a room says, the less each word costs.
        const restMs = Math.min(longestRestMs, restFactor * (performance.now() - begun));
        if (restMs >= 2) await new Promise((resolve) => setTimeout(resolve, restMs));
      }
    })()
      .catch((error: Error) =>
        log.warn({ err: error, space: stream.space }, 'a stream could not be read; trying again'),
      )
      .finally(() => {
        stream.reading = undefined;
      });
  }

  async function streamOf(space: string): Promise<Stream> {
    const known = streams.get(space);
    if (known) return known;
    const head = (await readHeads([space])).get(space) ?? 0;
    // Somebody else may have opened it meanwhile.
    const again = streams.get(space);
    if (again) return again;
    const stream: Stream = { space, head, target: head, reading: undefined, pages: new Set() };
    streams.set(space, stream);
    return stream;
  }

  const sendResync = (page: Subscriber, space: string, seq: number): void =>
    page.sendFrames(textFrame(JSON.stringify({ t: 'resync', space, seq } satisfies FromServer)));

  const poll = setInterval(() => {
    const watched = [...streams.keys()];
    if (watched.length === 0) return;
    readHeads(watched)
      .then((heads) => {
        for (const [space, head] of heads) {
          const stream = streams.get(space);
          if (!stream || head <= stream.head) continue;
          stream.target = Math.max(stream.target, head);
          read(stream);
        }
      })
      .catch((error: Error) => log.warn({ err: error }, 'streams could not be looked at; trying again'));
  }, pollMs);

  const reader: StreamReader = {
    heads: readHeads,
    async open(spaces) {
      await Promise.all(spaces.map(streamOf));
    },
    async join(page, space, since) {
      const stream = await streamOf(space);
      stream.pages.add(page);
      const state = { live: false };
      page.spaces.set(space, state);
      let position = since;
      let replayed = 0;
      for (;;) {
        if (position > Math.max(stream.head, stream.target)) {
          // It knows what never was: another database, or one restored from a backup.
          sendResync(page, space, stream.head);
          position = stream.head;
        }
        // Nothing is awaited between this comparison and going live, so no event can fall between.
        if (position >= stream.head) {
          state.live = true;
          read(stream);
          return;
        }
        const events = await readEvents(space, position, 200);
        replayed += events.length;
        const first = events[0];
        if (!first || first.seq !== position + 1 || replayed > maxReplay) {
          sendResync(page, space, stream.head);
          position = stream.head;
          continue;
        }
        const items = await present(events);
        for (const [index, item] of items.entries()) {
          // What the shared reader has not reached yet it will deliver itself.
          if (events[index]!.seq <= stream.head) {
            page.sendFrames(frameFor(page, item));
            position = events[index]!.seq;
          }
        }
      }
    },
    leave(page, space) {
      page.spaces.delete(space);
      const stream = streams.get(space);
      stream?.pages.delete(page);
      if (stream?.pages.size === 0) streams.delete(space);
    },
    leaveAll(page) {
      for (const space of [...page.spaces.keys()]) reader.leave(page, space);
    },
    subscribers: (space) => streams.get(space)?.pages ?? [],
    wake(heads) {
      for (const { streamId, seq } of heads) {
        const stream = streams.get(streamId);
        if (!stream || seq <= stream.head) continue;
        stream.target = Math.max(stream.target, seq);
        read(stream);
      }
    },
    async stop() {
      stopped = true;
      clearInterval(poll);
      await Promise.all([...streams.values()].map((stream) => stream.reading));
    },
  };
  return reader;
}
