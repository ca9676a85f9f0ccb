import { Readable } from 'node:stream';
import type { Log } from '../log/index.ts';
import { backupSlot } from '../postgres/backup-slot.ts';
import { pack } from './pack.ts';
import type { BackupStore } from './store.ts';
import { listWal, walFile } from './wal.ts';
import { type LogStream, openWalsender, parseLsn, type Walsender } from './walsender.ts';

/** A piece is sent when it has this many bytes, or at its time. */
const pieceBytes = 8 * 1024 * 1024;

export interface ShipOptions {
  url: string;
  store: BackupStore;
  recipients: readonly string[];
  /** How long written log waits at most before it is sent: what a total loss may cost, but for the sending. */
  everyMs: number;
  log: Log;
  signal: AbortSignal;
  onShipped: (shipped: { position: bigint; bytes: number }) => void;
  /** Written and not safe since then; undefined when everything is. */
  onWaiting: (since: Date | undefined) => void;
}

/**
 * Sends the write-ahead log as it is written, in encrypted pieces, until the signal comes or something fails; call it again
 * then. What is in the store is confirmed to the server, and only that: whatever ends between, the server sends the rest
 * once more. Two at once are refused by the server, which lends the slot to one.
 */
export async function shipLog(options: ShipOptions): Promise<void> {
  const { url, signal } = options;
  signal.throwIfAborted();
  const walsender = await openWalsender(url);
  try {
    const { systemId, timeline } = await walsender.identify();
    const from = await whereToBegin(walsender, systemId, timeline, options);
    await run({ ...options, walsender, systemId, timeline, from });
  } finally {
    await walsender.close();
  }
}

async function whereToBegin(
  walsender: Walsender,
  systemId: string,
  timeline: number,
  { store, log }: ShipOptions,
): Promise<bigint> {
  const look = async () =>
    (
      await walsender.rows(
        `SELECT restart_lsn::text AS lsn, wal_status FROM pg_replication_slots WHERE slot_name = '${backupSlot}'`,
      )
    )[0];
  let slot = await look();
  if (slot !== undefined && (slot.lsn === null || slot.wal_status === 'lost')) {
    log.error({}, 'the log waited for the store longer than the database keeps it; a new backup begins');
    await walsender.rows(`SELECT pg_drop_replication_slot('${backupSlot}')`);
    slot = undefined;
  }
  if (slot === undefined) {
    await walsender.rows(`CREATE_REPLICATION_SLOT ${backupSlot} PHYSICAL (RESERVE_WAL true)`);
    slot = await look();
  }
  const kept = parseLsn(String(slot?.lsn));
  let end: bigint | undefined;
  for await (const piece of listWal(store, systemId, timeline)) {
    if (end === undefined || piece.end > end) end = piece.end;
  }
  return end !== undefined && end > kept ? end : kept;
}

async function run(
  options: ShipOptions & { walsender: Walsender; systemId: string; timeline: number; from: bigint },
): Promise<void> {
  const { walsender, systemId, timeline, from, store, recipients, everyMs, signal } = options;
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => {});
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let [begins, safe] = [from, from];
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;

  const sendWaiting = async () => {
    const piece = Buffer.concat(waiting);
    const [start, end] = [begins, begins + BigInt(piece.length)];
    [waiting, waitingBytes, begins] = [[], 0, end];
    const name = walFile(systemId, timeline, start, end);
    const { storedBytes } = await pack(Readable.from([piece]), { store, name, recipients, signal });
    safe = end;
    stream.confirm(safe);
    options.onShipped({ position: end, bytes: storedBytes });
    options.onWaiting(waitingBytes === 0 ? undefined : new Date());
    stream.resume();
  };
  const send = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waitingBytes === 0 || sending !== undefined) return;
    sending = sendWaiting()
      .catch(fail)
      .finally(() => {
        sending = undefined;
        if (waitingBytes >= pieceBytes) send();
        else if (waitingBytes > 0) timer ??= setTimeout(send, everyMs);
      });
  };
  const stream: LogStream = walsender.stream({
    slot: backupSlot,
    from,
    timeline,
    onData(start, bytes) {
      if (start !== begins + BigInt(waitingBytes)) return fail(new Error('the log came out of order'));
      if (waitingBytes === 0 && sending === undefined) options.onWaiting(new Date());
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waitingBytes >= pieceBytes) send();
      else timer ??= setTimeout(send, everyMs);
      // One piece under way and one full: the server waits.
      if (waitingBytes >= pieceBytes && sending !== undefined) stream.pause();
    },
    onAsked: send,
  });
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => stop(), { once: true });
  try {
    await Promise.race([failed, stopped, stream.ended]);
  } finally {
    clearTimeout(timer);
    await sending?.catch(() => {});
    clearTimeout(timer);
  }
  signal.throwIfAborted();
}
