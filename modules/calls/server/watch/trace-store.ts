import type { Core } from '@liaison/core/floor';
import { createNewest } from './newest.ts';
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

/**
 * How long what is said of a call is gathered, in milliseconds, from its first line on; it then becomes one row, however many
 * calls there are. A row costs more than its lines, so a short call should have one.
 */
const gatherMs = 1000;
/** Whose time has come is looked for so often. */
const flushMs = gatherMs / 2;
/** Of all calls together, about a kilobyte each. */
const maxQueued = 16_000;
/** Whole calls are taken until there are so many lines. */
const maxPerBatch = 1000;
/** Of one call, in one process: a telephone that repeats itself for ever fills no disk. */
const maxPerCall = 400;
/** At least; see `Newest`. */
const maxCounted = 10_000;
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

const linesOf = (calls: readonly TraceEntry[][]): number => calls.reduce((sum, said) => sum + said.length, 0);

/** What PostgreSQL can give back as text: it takes anything as JSON, and one bad letter would hide the whole row later. */
function readable(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? text.slice(0, maxLength) : text;
  const whole = cut.isWellFormed() ? cut : cut.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole;
}

export function createTraceStore({ db, ids, log }: Pick<Core, 'db' | 'ids' | 'log'>): TraceStore {
  /** By call, those first whose first line came first. */
  const queue = new Map<string, { readonly sinceMs: number; readonly said: TraceEntry[] }>();
  let queued = 0;
  let dropped = 0;
  let told = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  const counts = createNewest<number>(maxCounted);

  function add(entry: TraceEntry): void {
    const count = (counts.get(entry.callId) ?? 0) + 1;
    if (count > maxPerCall) return;
    counts.set(entry.callId, count);
    if (queued >= maxQueued) {
      dropped += 1;
      return;
    }
    queued += 1;
    const line = count === maxPerCall ? { ...entry, title: `${entry.title} (no more is kept)` } : entry;
    const gathered = queue.get(entry.callId);
    if (gathered) gathered.said.push(line);
    else queue.set(entry.callId, { sinceMs: performance.now(), said: [line] });
    // What stands alone is due when the timer ends, which may be early by a fraction.
    if (!timer) flushIn(queue.size === 1 ? gatherMs + 5 : flushMs);
  }

  function flushIn(ms: number): void {
    timer ??= setTimeout(() => void flush(gatherMs), ms).unref();
  }

  /** Writes a batch of what has been gathered for so long. */
  function flush(sinceMs: number): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (writing) return writing;
    const batch = take(performance.now() - sinceMs);
    writing = write(batch).finally(() => {
      writing = undefined;
      // A batch more waits for no time.
      if (queue.size > 0) flushIn(linesOf(batch) < maxPerBatch ? flushMs : 0);
    });
    return writing;
  }

  /** What came first, call by call. */
  function take(untilMs: number): TraceEntry[][] {
    const batch: TraceEntry[][] = [];
    let lines = 0;
    for (const [callId, { sinceMs, said }] of queue) {
      if (sinceMs > untilMs || lines >= maxPerBatch) break;
      queue.delete(callId);
      queued -= said.length;
      lines += said.length;
      batch.push(said);
    }
    return batch;
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

  async function write(batch: readonly TraceEntry[][]): Promise<void> {
    const byOrg = Map.groupBy(batch, ([entry]) => entry!.orgId);
    for (const [orgId, calls] of byOrg) {
      try {
        const rows = calls.map((said) => {
          const { callId } = said[0]!;
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
        const lost = linesOf(calls);
        dropped += lost;
        log.warn({ err: error, lines: lost }, 'the signalling of calls could not be kept');
      }
    }
    if (dropped > told) {
      log.warn({ dropped: dropped - told }, 'ladder diagrams have gaps: there was more than could be kept');
      told = dropped;
    }
  }

  async function settled(): Promise<void> {
    while (queue.size > 0 || writing) await flush(0);
  }

  return {
    add,
    settled,
    async stop() {
      await settled();
      clearTimeout(timer);
      timer = undefined;
    },
    get dropped() {
      return dropped;
    },
  };
}
