import type { Core } from '@liaison/core/floor';

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

/** The names of a line in `more` are those of the columns; what is missing is null. */
const insertion = `
  insert into calls.trace (id, org_id, call_id, at, kind, direction, lane, title, protocol, peer, body, more)
  select id, $1::uuid, call_id, at, kind, direction, lane, title, protocol, peer, body, more
  from json_to_recordset($2::json) as r (id uuid, call_id uuid, at timestamptz, kind text, direction text,
    lane text, title text, protocol text, peer text, body text, more json)`;

/** Lines of `calls.trace`, with those that share a row taken apart; narrowed by a condition on its row `t`. */
export const traceLines = (narrowed: string): string => `
  select t.call_id, l.* from calls.trace t cross join lateral (
    select t.id, t.at, t.kind, t.direction, t.lane, t.title, t.protocol, t.peer, t.body
    union all
    select id, at, kind, direction, lane, title, protocol, peer, body
    from json_to_recordset(t.more) as m (id uuid, at timestamptz, kind text, direction text, lane text, title text,
      protocol text, peer text, body text)
  ) l where ${narrowed}`;

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

  const lineOf = (entry: TraceEntry) => ({
    id: ids.next(),
    at: entry.at.toISOString(),
    kind: entry.kind,
    direction: entry.direction,
    lane: readable(entry.lane, 200),
    title: readable(entry.title, 300),
    protocol: entry.protocol,
    peer: entry.peer?.slice(0, 100),
    body: entry.body && readable(entry.body(), maxBodyLength),
  });

  async function write(): Promise<void> {
    const batch = queue.splice(0, maxPerBatch);
    const byOrg = Map.groupBy(batch, (entry) => entry.orgId);
    for (const [orgId, entries] of byOrg) {
      const rows = [...Map.groupBy(entries, (entry) => entry.callId)].map(([callId, [first, ...more]]) => ({
        call_id: callId,
        ...lineOf(first!),
        ...(more.length > 0 ? { more: more.map(lineOf) } : {}),
      }));
      try {
        await db.transaction(orgId, (tx) => tx.query(insertion, [orgId, JSON.stringify(rows)]));
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
