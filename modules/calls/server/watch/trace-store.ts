import type { Core } from '@liaison/core/floor';
import { type PackedLine, packLines } from './trace-lines.ts';

/** One line of a call's ladder, on its way to the database. */
export interface TraceEntry {
  readonly orgId: string;
  readonly callId: string;
  readonly at: Date;
  readonly kind: 'sip' | 'page' | 'model';
  /** As the server sees it. */
  readonly direction: 'in' | 'out' | 'none';
  /** `telephone:<person>:<device>`, `page:<person>` or `server`. */
  readonly lane: string;
  readonly title: string;
  readonly protocol?: string;
  readonly peer?: string;
  /** Made when it is written, off the path of the call. */
  body?(): string;
}

export interface TraceStore {
  /** Takes a line, or drops it: never waits, never throws. */
  add(entry: TraceEntry): void;
  /** Resolves when what was taken so far is written. */
  settled(): Promise<void>;
  stop(): Promise<void>;
  readonly dropped: number;
}

/** How long lines are gathered, in milliseconds. What is said of one call within that time becomes one row. */
const flushMs = 1000;
/** Of all calls together, about a kilobyte each. */
const maxQueued = 16_000;
const maxPerBatch = 1000;
/** Of one call, in one process: a telephone that repeats itself for ever fills no disk. */
const maxPerCall = 400;
const maxCounted = 20_000;
const maxBodyLength = 12_000;
const nothing = Buffer.alloc(0);

/** Rows of what was said about a call each: one line as it is, several packed. What is packed comes in one piece. */
const insertion = `
  insert into calls.trace (id, org_id, call_id, at, kind, direction, lane, title, protocol, peer, body, packed)
  select id, $1::uuid, call_id, at, kind, direction, lane, title, protocol, peer, body,
    case when byte_length > 0 then substring($2::bytea from first_byte for byte_length) end
  from unnest($3::uuid[], $4::uuid[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::text[], $13::integer[], $14::integer[])
    as r (id, call_id, at, kind, direction, lane, title, protocol, peer, body, first_byte, byte_length)`;

/** What PostgreSQL can give back as text: it takes anything as JSON, and one bad letter would hide the whole row later. */
const readable = (text: string, maxLength: number): string =>
  text.slice(0, maxLength).toWellFormed().replaceAll('\0', '\uFFFD');

export function createTraceStore({ db, ids, log }: Pick<Core, 'db' | 'ids' | 'log'>): TraceStore {
  let queue: TraceEntry[] = [];
  let dropped = 0;
  let told = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  const counts = new Map<string, number>();

  function add(entry: TraceEntry): void {
    const count = (counts.get(entry.callId) ?? 0) + 1;
    if (count > maxPerCall) return;
    counts.delete(entry.callId);
    counts.set(entry.callId, count);
    if (counts.size > maxCounted) {
      const oldest = counts.keys().next();
      if (!oldest.done) counts.delete(oldest.value);
    }
    if (queue.length >= maxQueued) {
      dropped += 1;
      return;
    }
    queue.push(count === maxPerCall ? { ...entry, title: `${entry.title} (no more is kept)` } : entry);
    timer ??= setTimeout(() => void flush(), flushMs);
    timer.unref();
  }

  function flush(): Promise<void> {
    timer = undefined;
    writing ??= write().finally(() => {
      writing = undefined;
      // A full batch more waits for no time.
      if (queue.length > 0)
        timer ??= setTimeout(() => void flush(), queue.length < maxPerBatch ? flushMs : 0);
    });
    return writing;
  }

  const lineOf = (entry: TraceEntry): PackedLine => ({
    id: ids.next(),
    at: entry.at.toISOString(),
    kind: entry.kind,
    direction: entry.direction,
    lane: readable(entry.lane, 200),
    title: readable(entry.title, 300),
    ...(entry.protocol === undefined ? {} : { protocol: entry.protocol }),
    ...(entry.peer === undefined ? {} : { peer: entry.peer.slice(0, 100) }),
    ...(entry.body === undefined ? {} : { body: readable(entry.body(), maxBodyLength) }),
  });

  async function write(): Promise<void> {
    const batch = queue.splice(0, maxPerBatch);
    const byOrg = Map.groupBy(batch, (entry) => entry.orgId);
    for (const [orgId, entries] of byOrg) {
      const rows = [...Map.groupBy(entries, (entry) => entry.callId)].map(([callId, said]) => {
        const lines = said.map(lineOf);
        const [first] = lines as [PackedLine];
        return lines.length === 1
          ? { callId, first, packed: nothing }
          : { callId, first: { ...first, body: null }, packed: packLines(lines) };
      });
      const ends: number[] = [];
      for (const { packed } of rows) ends.push((ends.at(-1) ?? 0) + packed.length);
      const of = (
        column: 'id' | 'at' | 'kind' | 'direction' | 'lane' | 'title' | 'protocol' | 'peer' | 'body',
      ) => rows.map(({ first }) => first[column] ?? null);
      try {
        await db.transaction(orgId, (tx) =>
          tx.query(insertion, [
            orgId,
            Buffer.concat(rows.map(({ packed }) => packed)),
            of('id'),
            rows.map(({ callId }) => callId),
            of('at'),
            of('kind'),
            of('direction'),
            of('lane'),
            of('title'),
            of('protocol'),
            of('peer'),
            of('body'),
            rows.map(({ packed }, at) => ends[at]! - packed.length + 1),
            rows.map(({ packed }) => packed.length),
          ]),
        );
      } catch (error) {
        // A diagram less is better than a call less: it is not tried again.
        dropped += entries.length;
        log.warn({ err: error, lines: entries.length }, 'the signalling of calls could not be kept');
      }
    }
    if (dropped > told) {
      log.warn({ dropped: dropped - told }, 'ladder diagrams have gaps: there was more than could be kept');
      told = dropped;
    }
  }

  async function settled(): Promise<void> {
    while (queue.length > 0 || writing) {
      clearTimeout(timer);
      await flush();
    }
  }

  return {
    add,
    settled,
    async stop() {
      await settled();
      clearTimeout(timer);
      timer = undefined;
      queue = [];
    },
    get dropped() {
      return dropped;
    },
  };
}
