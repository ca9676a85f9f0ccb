import type { FromServer, OutboxEvent } from '../contract/index.ts';
import type { Db } from '../db/index.ts';
import type { Log } from '../http/index.ts';
import { eventColumns, type StreamHead, toEvent } from '../outbox/index.ts';
import type { Presented, Presenter } from './contract.ts';
import { textFrame } from './frame.ts';

/** A page as the reader sees it: which spaces it follows and how far it is in each. */
export interface Subscriber {
  readonly id: string;
  readonly orgId: string;
  readonly personId: string;
  /** Not told of everybody in the organisation. */
  readonly guest: boolean;
  /** Gone: it joins nothing any more. */
  readonly closed: boolean;
  /** `live` once it has caught up, up to `has`: from then on it gets every event above that as it is read. */
  readonly spaces: Map<string, { live: boolean; has: number }>;
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
  /** While its head is asked for; `head` says nothing until then. */
  opened: Promise<void> | undefined;
  reading: Promise<void> | undefined;
  readonly pages: Set<Subscriber>;
  /** Nobody followed it when it was last looked at. */
  lonely: boolean;
}

type OutboxRow = Parameters<typeof toEvent>[0];

/** An event as it goes over the wire; `hidden` is what those get for whom it is not. */
interface Item extends Omit<Presented, 'data'> {
  readonly frame: Buffer;
  readonly hidden: Buffer;
}

const nothing = Buffer.alloc(0);

/**
 * After giving events to its pages a stream rests `restFactor` times as long as that took, this at most: the first event
 * after a quiet time goes out at once, and a large or busy room takes a tenth of this process, not all of it.
 */
const longestRestMs = 60;
const restFactor = 8;

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

  const readEvents = async (space: string, above: number, limit: number): Promise<OutboxEvent[]> =>
    (
      await db.systemQuery<OutboxRow>(
        `select ${eventColumns} from core.outbox where stream_id = $1 and seq > $2 order by seq limit $3`,
        [space, above, limit],
      )
    ).map(toEvent);

  const readHeads = async (spaces: readonly string[]): Promise<Map<string, number>> => {
    const heads = new Map(spaces.map((space) => [space, 0]));
    if (spaces.length === 0) return heads;
    const rows = await db.systemQuery<{ stream_id: string; head: number }>(
      'select stream_id, head from core.stream where stream_id = any($1::uuid[])',
      [spaces],
    );
    for (const row of rows) heads.set(row.stream_id, row.head);
    return heads;
  };

  /** Presents events in order; the frame per event and whom it is for. */
  async function present(events: readonly OutboxEvent[], guests: readonly string[]): Promise<Item[]> {
    const presented = new Map<string, Presented>();
    const kinds = new Map<string, OutboxEvent[]>();
    for (const event of events) kinds.set(event.name, [...(kinds.get(event.name) ?? []), event]);
    for (const [name, group] of kinds) {
      const presenter = presenters.get(name);
      if (!presenter) continue;
      const results = await presenter(group[0]!.orgId, group, guests);
      group.forEach((event, index) => {
        const result = results[index];
        if (result) presented.set(event.id, result);
      });
    }
    return events.map((event) => {
      const { data, ...whom } = presented.get(event.id) ?? { data: event.payload };
      const envelope = {
        t: 'event',
        space: event.streamId,
        seq: event.seq,
        at: event.at.toISOString(),
      } as const;
      const shown: FromServer = { ...envelope, name: event.name, data };
      const hidden: FromServer = { ...envelope, name: 'core.hidden', data: null };
      return {
        frame: textFrame(JSON.stringify(shown)),
        hidden: whom.only || whom.guests ? textFrame(JSON.stringify(hidden)) : nothing,
        ...whom,
      };
    });
  }

  /** As `present`, for everybody who follows the stream when it is done: a guest may come meanwhile, and is asked for. */
  async function presentToAll(stream: Stream, events: readonly OutboxEvent[]): Promise<Item[]> {
    for (;;) {
      const asked = guestsOf(stream);
      const items = await present(events, [...asked]);
      if ([...guestsOf(stream)].every((guest) => asked.has(guest))) return items;
    }
  }

  const guestsOf = (stream: Stream): Set<string> => {
    const guests = new Set<string>();
    for (const page of stream.pages) if (page.guest) guests.add(page.personId);
    return guests;
  };

  const isFor = (page: Subscriber, { only, guests }: Item): boolean =>
    (!only || only.includes(page.personId)) && (!guests || !page.guest || guests.includes(page.personId));

  const frameFor = (page: Subscriber, item: Item): Buffer => (isFor(page, item) ? item.frame : item.hidden);

  /** A write costs much more than the bytes in it, so each page gets all of a batch in one. */
  function giveAll(stream: Stream, events: readonly OutboxEvent[], items: readonly Item[]): void {
    const forMembers = items.every((item) => !item.only);
    const forGuests = forMembers && items.every((item) => !item.guests);
    const whole = forMembers ? Buffer.concat(items.map((item) => item.frame)) : nothing;
    for (const page of stream.pages) {
      const state = page.spaces.get(stream.space);
      if (!state?.live) continue;
      // Somebody who came with more than this process had read gets none of it twice.
      const behind = state.has > stream.head;
      if ((page.guest ? forGuests : forMembers) && !behind) page.sendFrames(whole);
      else {
        const above = behind ? state.has : stream.head;
        const own = items.filter((_, index) => events[index]!.seq > above);
        page.sendFrames(Buffer.concat(own.map((item) => frameFor(page, item))));
      }
    }
  }

  function read(stream: Stream): void {
    if (stream.reading || stream.opened || stopped || stream.pages.size === 0) return;
    stream.reading = (async () => {
      while (stream.head < stream.target && stream.pages.size > 0 && !stopped) {
        const begun = performance.now();
        const events = await readEvents(stream.space, stream.head, 200);
        if (events.length === 0) {
          // A wake can name a head that was purged; nothing is left to read below it.
          stream.head = stream.target;
          break;
        }
        const items = await presentToAll(stream, events);
        giveAll(stream, events, items);
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

  /**
   * Makes these streams known, all with one question for their heads. They are known before the answer is there: what is
   * committed meanwhile raises `target` and is read then.
   */
  async function openStreams(spaces: readonly string[]): Promise<void> {
    const fresh = new Map<string, Stream>();
    for (const space of spaces) {
      if (streams.has(space)) continue;
      const stream: Stream = {
        space,
        head: 0,
        target: 0,
        opened: undefined,
        reading: undefined,
        pages: new Set(),
        lonely: false,
      };
      streams.set(space, stream);
      fresh.set(space, stream);
    }
    if (fresh.size > 0) {
      const opened = readHeads([...fresh.keys()]).then(
        (heads) => {
          for (const [space, stream] of fresh) {
            stream.head = heads.get(space) ?? 0;
            stream.target = Math.max(stream.target, stream.head);
            stream.opened = undefined;
          }
        },
        (error: Error) => {
          for (const space of fresh.keys()) streams.delete(space);
          throw error;
        },
      );
      for (const stream of fresh.values()) stream.opened = opened;
    }
    await Promise.all(new Set(spaces.map((space) => streams.get(space)?.opened)));
  }

  async function streamOf(space: string): Promise<Stream> {
    for (;;) {
      const stream = streams.get(space);
      if (stream && !stream.opened) return stream;
      await openStreams([space]);
    }
  }

  const sendResync = (page: Subscriber, space: string, seq: number): void =>
    page.sendFrames(textFrame(JSON.stringify({ t: 'resync', space, seq } satisfies FromServer)));

  const poll = setInterval(() => {
    // Opened for a page that was gone before it could join.
    for (const stream of streams.values()) {
      if (stream.pages.size > 0 || stream.opened) continue;
      if (stream.lonely) streams.delete(stream.space);
      stream.lonely = true;
    }
    const watched = [...streams.values()].filter((stream) => !stream.opened).map((stream) => stream.space);
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
      await openStreams(spaces);
    },
    async join(page, space, since) {
      const stream = await streamOf(space);
      if (page.closed) return;
      stream.pages.add(page);
      stream.lonely = false;
      const state = { live: false, has: 0 };
      page.spaces.set(space, state);
      let position = since;
      if (position > stream.target) {
        // It may have heard from another process what this one has still to hear of.
        const head = (await readHeads([space])).get(space) ?? 0;
        stream.target = Math.max(stream.target, head);
      }
      let replayed = 0;
      for (;;) {
        if (page.spaces.get(space) !== state) return;
        if (position > stream.target) {
          // It knows what never was: another database, or one restored from a backup.
          sendResync(page, space, stream.head);
          position = stream.head;
        }
        // Nothing is awaited between this comparison and going live, so no event can fall between.
        if (position >= stream.head) {
          state.has = position;
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
        const items = await present(events, page.guest ? [page.personId] : []);
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
        if (!stream || (seq <= stream.head && !stream.opened)) continue;
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
