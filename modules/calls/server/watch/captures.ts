import type { Core } from '@liaison/core/floor';
import type { ObservedMessage } from '@liaison/sip';
import { captureLimits } from '../../contract/watch.ts';
import { endLateCaptures, type RunningCapture, runningCaptures } from './across-organisations.ts';
import type { MessageHead } from './message-head.ts';
import { redactMessage } from './redact.ts';

/** Told to all processes when a capture begins or ends; may be lost, for each looks by itself too. */
export const capturesChanged = 'calls.captures-changed';

/** The captures that run now, as this process hears what belongs to them. */
export interface Captures {
  start(): void;
  stop(): Promise<void>;
  /** Whether a capture wanted it. `whose`: the leg that the message is of, where that is known. */
  observe(
    message: ObservedMessage,
    head: MessageHead,
    whose: { callId: string; personId: string; deviceId?: string } | undefined,
  ): boolean;
  /** Looks which captures run, and resolves when it knows. */
  refresh(): Promise<void>;
  /** As they were when it looked last. */
  readonly running: readonly RunningCapture[];
  settled(): Promise<void>;
}

const lookMs = 5000;
const flushMs = 400;
const maxQueued = 2000;

interface Caught {
  readonly capture: RunningCapture;
  readonly message: Omit<ObservedMessage, 'bytes'>;
  readonly bytes: Buffer;
}

export function createCaptures({ db, bus, ids, log }: Pick<Core, 'db' | 'bus' | 'ids' | 'log'>): Captures {
  let running: readonly RunningCapture[] = [];
  let queue: Caught[] = [];
  let timer: NodeJS.Timeout | undefined;
  let looker: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let looking: Promise<void> | undefined;
  let isAsked = false;
  let unsubscribe: (() => void) | undefined;
  /** Counted here, so that a full capture costs nothing more. */
  const caught = new Map<string, number>();

  async function look(): Promise<void> {
    try {
      running = await runningCaptures(db);
      if (running.some((each) => each.untilMs <= Date.now())) await endLateCaptures(db);
      for (const id of caught.keys()) if (!running.some((each) => each.id === id)) caught.delete(id);
    } catch (error) {
      log.warn({ err: error }, 'which captures run could not be asked; trying again');
    }
  }
  function refresh(): Promise<void> {
    isAsked = true;
    looking ??= (async () => {
      // Who asks while a look is under way may know of something later than that look: it is looked once more.
      while (isAsked) {
        isAsked = false;
        await look();
      }
    })().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  function isOf(
    capture: RunningCapture,
    message: ObservedMessage,
    head: MessageHead,
    whose: Parameters<Captures['observe']>[2],
  ): boolean {
    if (capture.targetKind === 'call') return whose?.callId === capture.targetId;
    if (capture.flowIds.has(message.flow.id) || capture.sipCallIds.has(head.callId)) return true;
    if (capture.targetKind === 'device') return whose?.deviceId === capture.targetId;
    return whose?.personId === capture.targetId;
  }

  function flushSoon(): void {
    timer ??= setTimeout(() => void flush(), flushMs);
    timer.unref();
  }
  function flush(): Promise<void> {
    timer = undefined;
    writing ??= write().finally(() => {
      writing = undefined;
      if (queue.length > 0) flushSoon();
    });
    return writing;
  }

  async function write(): Promise<void> {
    const batch = queue.splice(0, 200);
    for (const [capture, all] of Map.groupBy(batch, (each) => each.capture)) {
      const rows = all.map(({ message, bytes }) => ({
        id: ids.next(),
        at: new Date(message.timeMs).toISOString(),
        direction: message.direction,
        protocol: message.flow.protocol,
        local_address: message.flow.local.address.slice(0, 100),
        local_port: message.flow.local.port,
        remote_address: message.flow.remote.address.slice(0, 100),
        remote_port: message.flow.remote.port,
        message: redactMessage(bytes).slice(0, 24_000),
      }));
      const size = rows.reduce((sum, row) => sum + row.message.length, 0);
      try {
        await db.transaction(capture.orgId, async (tx) => {
          // One process after another: together they keep to the limit.
          const [room] = await tx.query<{ full: boolean }>(
            `select messages >= $2 or bytes >= $3 or ended_at is not null as full
             from calls.capture where id = $1 for update`,
            [capture.id, captureLimits.messages, captureLimits.bytes],
          );
          if (!room) return;
          if (room.full) {
            await tx.query('update calls.capture set truncated = true where id = $1 and ended_at is null', [
              capture.id,
            ]);
            return;
          }
          await tx.query(
            `insert into calls.capture_message (id, org_id, capture_id, at, direction, protocol, local_address, local_port,
               remote_address, remote_port, message)
             select id, $1::uuid, $2::uuid, at, direction, protocol, local_address, local_port, remote_address, remote_port, message
             from jsonb_to_recordset($3::jsonb) as r (id uuid, at timestamptz, direction text, protocol text,
               local_address text, local_port integer, remote_address text, remote_port integer, message text)`,
            [capture.orgId, capture.id, JSON.stringify(rows)],
          );
          await tx.query(
            'update calls.capture set messages = messages + $2, bytes = bytes + $3 where id = $1',
            [capture.id, rows.length, size],
          );
        });
      } catch (error) {
        log.warn({ err: error, captureId: capture.id }, 'a part of a capture could not be kept');
      }
    }
  }

  async function settled(): Promise<void> {
    while (queue.length > 0 || writing) {
      clearTimeout(timer);
      await flush();
    }
  }

  return {
    refresh,
    settled,
    get running() {
      return running;
    },
    start() {
      unsubscribe = bus.subscribe(capturesChanged, () => void refresh());
      looker = setInterval(() => void refresh(), lookMs);
      looker.unref();
    },
    async stop() {
      clearInterval(looker);
      unsubscribe?.();
      await looking;
      await settled();
      clearTimeout(timer);
      queue = [];
    },
    observe(message, head, whose) {
      let isCaught = false;
      for (const capture of running) {
        if (capture.untilMs <= message.timeMs || !isOf(capture, message, head, whose)) continue;
        isCaught = true;
        const count = (caught.get(capture.id) ?? 0) + 1;
        caught.set(capture.id, count);
        if (count > captureLimits.messages || queue.length >= maxQueued) continue;
        const { direction, flow, timeMs } = message;
        queue.push({ capture, message: { direction, flow, timeMs }, bytes: Buffer.from(message.bytes) });
        flushSoon();
      }
      return isCaught;
    },
  };
}
