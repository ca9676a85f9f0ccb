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

/** How long lines are gathered, in milliseconds. */
const flushMs = 300;
const maxQueued = 4000;
const maxPerBatch = 500;
/** Of one call, in one process: a telephone that repeats itself for ever fills no disk. */
const maxPerCall = 400;
const maxCounted = 20_000;
const maxBodyLength = 12_000;

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
      if (queue.length > 0) timer ??= setTimeout(() => void flush(), flushMs);
    });
    return writing;
  }

  async function write(): Promise<void> {
    const batch = queue.splice(0, maxPerBatch);
    const byOrg = Map.groupBy(batch, (entry) => entry.orgId);
    for (const [orgId, entries] of byOrg) {
      const rows = entries.map((entry) => ({
        id: ids.next(),
        call_id: entry.callId,
        at: entry.at.toISOString(),
        kind: entry.kind,
        direction: entry.direction,
        lane: entry.lane.slice(0, 200),
        title: entry.title.slice(0, 300),
        protocol: entry.protocol ?? null,
        peer: entry.peer?.slice(0, 100) ?? null,
        body: entry.body?.().slice(0, maxBodyLength) ?? null,
      }));
      try {
        await db.transaction(orgId, (tx) =>
          tx.query(
            `insert into calls.trace (id, org_id, call_id, at, kind, direction, lane, title, protocol, peer, body)
             select id, $1::uuid, call_id, at, kind, direction, lane, title, protocol, peer, body
             from jsonb_to_recordset($2::jsonb) as r (id uuid, call_id uuid, at timestamptz, kind text, direction text,
               lane text, title text, protocol text, peer text, body text)`,
            [orgId, JSON.stringify(rows)],
          ),
        );
      } catch (error) {
        // A diagram less is better than a call less: it is not tried again.
        dropped += rows.length;
        log.warn({ err: error, lines: rows.length }, 'the signalling of calls could not be kept');
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
