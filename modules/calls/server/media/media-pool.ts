import { randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import type { MediaPool, MediaPoolOptions, Relay } from './media.ts';
import { type MediaChild, startMediaChild } from './media-child.ts';
import { MediaError } from './media-error.ts';
import { PooledRelay } from './pooled-relay.ts';

/** A process gets company when it has this many relays: a few calls share the memory of one. */
const RELAYS_BEFORE_NEXT_PROCESS = 16;
const IDLE_MS = 60_000;
const MAX_TRANSCODERS = 60;
/** The shared port of the browsers, and one pair. */
const LEAST_PORTS = 4;

/** A place for one process, with its share of the ports. */
interface Slot {
  ports: { min: number; max: number };
  child: Promise<MediaChild> | undefined;
  pid: number | undefined;
  /** Runs while it has no relays. */
  idle: NodeJS.Timeout | undefined;
  relays: Map<string, PooledRelay>;
}

/** Divides the range among the processes, on even ports; fewer processes when the range is small. */
export function sharesOf(range: { min: number; max: number }, processes: number): Slot['ports'][] {
  const { min, max } = range;
  if (min === 0 && max === 0) return Array.from({ length: processes }, () => ({ min: 0, max: 0 }));
  const first = min + (min % 2);
  const available = max - first + 1;
  if (!(min >= 1 && max <= 65_535 && available >= LEAST_PORTS))
    throw new RangeError(
      `RTP ports ${min}-${max}: at least ${LEAST_PORTS} UDP ports from an even one are needed`,
    );
  const count = Math.max(1, Math.min(processes, Math.floor(available / LEAST_PORTS)));
  const each = Math.floor(available / count / 2) * 2;
  return Array.from({ length: count }, (_, index) => ({
    min: first + index * each,
    max: index === count - 1 ? max : first + (index + 1) * each - 1,
  }));
}

/** Makes the pool; no process is started before the first relay is asked for. `stop()` ends it. */
export function createMediaPool(options: MediaPoolOptions): MediaPool {
  const { rtpPorts, bind, log, idleMs = IDLE_MS, maxTranscoders = MAX_TRANSCODERS } = options;
  if (isIP(bind) === 0) throw new RangeError(`Media listens on an IP address, not on "${bind}"`);
  const processes = Math.max(1, options.maxProcesses ?? availableParallelism());
  const slots: Slot[] = sharesOf(rtpPorts, processes).map((ports) => ({
    ports,
    child: undefined,
    pid: undefined,
    idle: undefined,
    relays: new Map(),
  }));
  let stopped = false;
  let crashes = 0;
  let advertised: Promise<string> | undefined;
  /** Processes that were told to end and have not yet. */
  const ending = new Set<Promise<void>>();

  function advertise(): Promise<string> {
    if (isIP(options.advertise) !== 0) return Promise.resolve(options.advertise);
    // Of the family that the sockets listen on.
    advertised ??= lookup(options.advertise, { family: isIP(bind) === 4 ? 4 : 0 }).then(
      (found) => found.address,
      () => {
        advertised = undefined;
        throw new MediaError('lost', `The advertised address "${options.advertise}" cannot be resolved`);
      },
    );
    return advertised;
  }

  async function start(slot: Slot, isCurrent: () => boolean): Promise<MediaChild> {
    const child = await startMediaChild({
      setup: { ports: slot.ports, bind, advertise: await advertise(), maxTranscoders },
      onNotice(notice) {
        if (notice.notice === 'key') {
          const { relay, end, key, isTaken } = notice;
          slot.relays.get(relay)?.key(end, { key, isTaken });
        }
        if (notice.notice === 'picture-wanted') slot.relays.get(notice.relay)?.pictureWanted(notice.end);
        if (notice.notice === 'end-state') slot.relays.get(notice.relay)?.endState(notice.end, notice.state);
        else if (notice.notice === 'error') log.warn({ detail: notice.message }, 'media process reports');
      },
      onExit({ asked, code, signal }) {
        if (!isCurrent()) return; // one that was told to end; its place may be another's by now
        slot.child = undefined;
        slot.pid = undefined;
        if (asked) return;
        const lost = [...slot.relays.values()];
        slot.relays.clear();
        crashes += 1;
        log.error({ code, signal, relays: lost.length }, 'media process ended unexpectedly');
        for (const relay of lost) relay.lost();
      },
    });
    slot.pid = child.pid;
    log.info({ pid: child.pid, ports: slot.ports }, 'media process started');
    return child;
  }

  function childOf(slot: Slot): Promise<MediaChild> {
    if (!slot.child) {
      const starting: Promise<MediaChild> = start(slot, () => slot.child === starting);
      slot.child = starting;
      starting.catch(() => {
        if (slot.child === starting) slot.child = undefined;
      });
    }
    return slot.child;
  }

  /** Ends the slot's process, whatever it is doing. */
  async function end(slot: Slot): Promise<void> {
    const running = slot.child;
    slot.child = undefined;
    slot.pid = undefined;
    slot.relays.clear();
    clearTimeout(slot.idle);
    const stopping = (async () => {
      const child = await running?.catch(() => undefined);
      await child?.stop();
    })();
    ending.add(stopping);
    await stopping;
    ending.delete(stopping);
  }

  function forget(slot: Slot, id: string) {
    slot.relays.delete(id);
    clearTimeout(slot.idle);
    slot.idle = setTimeout(() => {
      if (slot.relays.size === 0 && slot.child) void end(slot);
    }, idleMs).unref();
  }

  /** The running process with the fewest relays, or a further one once they have enough. */
  function choose(): Slot {
    const running = slots.filter((slot) => slot.child).sort((a, b) => a.relays.size - b.relays.size);
    const idle = slots.find((slot) => !slot.child);
    const least = running[0];
    if (least && (least.relays.size < RELAYS_BEFORE_NEXT_PROCESS || !idle)) return least;
    return (idle ?? least)!;
  }

  async function createRelay(): Promise<Relay> {
    if (stopped) throw new MediaError('closed', 'Media is stopped');
    const id = randomUUID();
    const slot = choose();
    const relay = new PooledRelay(id, { log, forget: () => forget(slot, id) });
    // Counted from now on, so that a burst is spread; told of a crash from now on, so that none is missed.
    slot.relays.set(id, relay);
    let child: MediaChild;
    try {
      child = await childOf(slot);
    } catch (error) {
      forget(slot, id);
      throw error;
    }
    if (stopped) throw new MediaError('closed', 'Media is stopped');
    relay.begin(child);
    return relay;
  }

  return {
    createRelay,
    async stop() {
      stopped = true;
      await Promise.all([...slots.map(end), ...ending]);
    },
    stats: () => ({
      processes: slots.flatMap((slot) => slot.pid ?? []),
      relays: slots.reduce((sum, slot) => sum + slot.relays.size, 0),
      crashes,
    }),
  };
}
