import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bus, maxPayloadBytes } from '../bus/index.ts';
import { Problem } from '../contract/index.ts';
import type { Db } from '../db/index.ts';
import type { Ids } from '../ids/index.ts';
import { createLeaseStore, deadProcesses, renewal } from './across-organisations.ts';
import { createAnswers } from './answers.ts';
import { createClockWatch } from './clock-watch.ts';
import {
  type Answer,
  type CommandMessage,
  commandMessage,
  keyOf,
  parseAnswer,
  problemAnswer,
  problemOf,
} from './commands.ts';
import {
  NotOwned,
  OutcomeUnknown,
  type Owned,
  OwnedElsewhere,
  type OwnerHandlers,
  type Ownership,
  type Thing,
} from './contract.ts';
import { createHeartbeat } from './heartbeat.ts';

export interface OwnedOptions {
  db: Db;
  bus: Bus;
  log: {
    info(fields: Record<string, unknown>, message: string): void;
    warn(fields: Record<string, unknown>, message: string): void;
    error(fields: Record<string, unknown>, message: string): void;
  };
  ids: Pick<Ids, 'next'>;
  /** What this process does; shown to the operator. */
  duties: readonly string[];
  /** How long a lease lasts without being renewed, in the database. */
  leaseMs?: number;
  renewMs?: number;
  /** How often this process looks for dead ones. */
  sweepMs?: number;
}

/** One life of this process among the others: from joining to stopping, or to having been too slow. */
interface Session {
  readonly id: string;
  /** By the monotonic clock (`performance.now()`); always before the lease's end in the database. */
  deadline: number;
  ended: boolean;
}

interface Holding {
  readonly thing: Thing;
  readonly epoch: number;
  readonly session: Session;
  readonly handlers: OwnerHandlers;
  readonly answers: ReturnType<typeof createAnswers>;
  state: 'held' | 'given-back' | 'lost';
}

const host = hostname().slice(0, 255);
const lostSubject = 'owned.process-lost';
const commandSubject = (processId: string) => `owned.${processId}`;
const largestJson = maxPayloadBytes - 2048;

/**
 * States of this process: *new* → *joined* ⇄ *lapsed* → *stopped*.
 *
 * While joined it writes `until = now + 8 s` every 2 s by the database's clock. Locally it counts from the moment
 * *before* it asked, by the monotonic clock, and an eighth less: whatever the wall clocks do, it stops acting before the
 * database lets somebody else. When that moment comes without a renewal every holding is lost and the process has
 * lapsed; it then joins again under a new id, because the others have been told, or will be, that the old one is dead.
 */
export function createOwned(options: OwnedOptions): Owned {
  const { db, bus, log, ids, duties, leaseMs = 8000, renewMs = 2000, sweepMs = 1000 } = options;
  const now = () => performance.now();
  const store = createLeaseStore(db, leaseMs);
  const trustedMs = leaseMs - leaseMs / 8;
  const newSession = (): Session => ({ id: ids.next(), deadline: 0, ended: true });

  const clock = createClockWatch(log);
  let session = newSession();
  let running: { stop(): Promise<void> } | undefined;
  let used = false;
  let draining = false;
  const holdings = new Map<string, Holding>();
  const claiming = new Set<string>();
  /** What could not be given back yet because the database did not answer. */
  const owing = new Map<string, { thing: Thing; processId: string; epoch: number | null }>();
  const lostHandlers: ((processId: string) => void)[] = [];
  const told = new Set<string>();

  const isHeld = ({ state, session: { ended, deadline } }: Holding) =>
    state === 'held' && !ended && now() < deadline;

  /** Every holding of a session ends here and now; the database is asked later. */
  function lapse(which: Session, reason: string) {
    if (which.ended) return;
    which.ended = true;
    const gone = [...holdings.values()].filter((holding) => holding.session === which);
    log.error({ processId: which.id, reason, holdings: gone.length }, 'this process lost its lease');
    for (const holding of gone) {
      holdings.delete(keyOf(holding.thing));
      holding.state = 'lost';
      try {
        holding.handlers.lost();
      } catch (error) {
        log.error({ kind: holding.thing.kind, err: error }, 'an owner failed to stop');
      }
    }
  }

  /** Carries a command out for a holding of this process. Never rejects. */
  function carryOut(holding: Holding, message: CommandMessage): Promise<string> {
    return holding.answers.once(message.key, async () => {
      let answer: Answer;
      try {
        const value = await holding.handlers.command(message.command, message.params, {
          epoch: holding.epoch,
          idempotencyKey: message.key,
        });
        answer = { t: 'result', value: value ?? null };
      } catch (error) {
        if (!(error instanceof Problem)) {
          log.error({ kind: holding.thing.kind, command: message.command, err: error }, 'a command failed');
        }
        answer = problemAnswer(
          error instanceof Problem ? error : new Problem(500, 'command-failed', 'This could not be done.'),
        );
      }
      // Given back on purpose is fine; lost means that somebody else may have acted in between.
      if (holding.state !== 'given-back' && !isHeld(holding)) answer = { t: 'unknown' };
      const text = JSON.stringify(answer);
      if (Buffer.byteLength(text) <= largestJson) return text;
      return JSON.stringify(problemAnswer(new Problem(500, 'answer-too-large', 'The answer is too large.')));
    });
  }

  function receive(message: CommandMessage): Promise<string> | undefined {
    const holding = holdings.get(keyOf(message));
    if (!holding || !isHeld(holding)) return undefined;
    if (holding.thing.orgId !== message.orgId || holding.epoch !== message.epoch) return undefined;
    return carryOut(holding, message);
  }

  function createLife(): { start(): Promise<void>; stop(): Promise<void> } {
    const stopping = new AbortController();
    const heartbeat = createHeartbeat(db, Math.max(250, renewMs));
    let endResponding = () => {};
    let lapseTimer: NodeJS.Timeout | undefined;
    let sweepNow = () => {};

    const watchDeadline = (which: Session) => {
      clearTimeout(lapseTimer);
      lapseTimer = setTimeout(
        () => {
          if (now() >= which.deadline) lapse(which, 'it could not be renewed in time');
          else if (!which.ended) watchDeadline(which);
        },
        Math.max(1, which.deadline - now()),
      );
    };
    const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => {});

    async function join() {
      const fresh = newSession();
      const asked = now();
      await store.register({ id: fresh.id, duties, host, pid: process.pid, draining });
      fresh.deadline = asked + trustedMs;
      fresh.ended = false;
      session = fresh;
      endResponding();
      endResponding = bus.respond(commandSubject(fresh.id), async (data) => {
        const parsed = commandMessage.safeParse(data);
        const text = parsed.success ? await receive(parsed.data) : undefined;
        return text === undefined ? { t: 'not-owned' } : JSON.parse(text);
      });
      watchDeadline(fresh);
    }

    async function renew() {
      const mine = session;
      const asked = now();
      const askedMs = Date.now();
      const [row] = await heartbeat.query<{ now_ms: string }>(renewal, [mine.id, leaseMs]);
      if (!row) {
        lapse(mine, 'it had been taken for dead');
        return;
      }
      clock.compare(Number(row.now_ms), askedMs, Date.now());
      if (mine.ended) return;
      mine.deadline = asked + trustedMs;
      watchDeadline(mine);
    }

    async function keepAlive() {
      while (!stopping.signal.aborted) {
        try {
          if (session.ended) {
            // Said before joining again, so that nobody sees two lives of one process.
            await store.declareLost(session.id);
            await join();
            log.info({ processId: session.id }, 'this process joined again');
            bus.publish(lostSubject, null);
            sweepNow();
          } else await renew();
          for (const [key, { thing, processId, epoch }] of owing) {
            await store.release(thing, processId, epoch);
            owing.delete(key);
          }
          if (!session.ended) await pause(renewMs);
        } catch (error) {
          if (stopping.signal.aborted) return;
          log.warn({ err: error }, 'the lease could not be renewed; trying again');
          await pause(renewMs / 8);
        }
      }
    }

    async function look() {
      const rows = await heartbeat.query<{ id: string; lost: boolean }>(deadProcesses);
      if (rows.some((row) => !row.lost) && (await store.sweep())) {
        bus.publish(lostSubject, null);
        return look();
      }
      const lost = new Set(rows.filter((row) => row.lost).map((row) => row.id));
      for (const id of lost) {
        // A process that lapsed hears of itself when it has joined again.
        if (told.has(id) || id === session.id) continue;
        told.add(id);
        log.warn({ processId: id }, 'a process was found dead');
        for (const handler of lostHandlers) {
          try {
            handler(id);
          } catch (error) {
            log.error({ processId: id, err: error }, 'a handler of a lost process failed');
          }
        }
      }
      for (const id of told) if (!lost.has(id)) told.delete(id);
    }

    async function watchOthers() {
      while (!stopping.signal.aborted) {
        const woken = new Promise<void>((resolve) => {
          sweepNow = resolve;
        });
        try {
          await look();
        } catch (error) {
          if (stopping.signal.aborted) return;
          log.warn({ err: error }, 'dead processes could not be looked for; trying again');
        }
        const done = new AbortController();
        await Promise.race([
          woken,
          sleep(sweepMs, undefined, { signal: AbortSignal.any([stopping.signal, done.signal]) }).catch(
            () => {},
          ),
        ]);
        done.abort();
      }
    }

    const unsubscribe = bus.subscribe(lostSubject, () => sweepNow());
    const loops: Promise<void>[] = [];
    return {
      start: async () => {
        await join();
        loops.push(keepAlive(), watchOthers());
      },
      async stop() {
        stopping.abort();
        clearTimeout(lapseTimer);
        unsubscribe();
        endResponding();
        session.ended = true;
        for (const holding of holdings.values()) holding.state = 'given-back';
        holdings.clear();
        owing.clear();
        await heartbeat.close();
        await Promise.all(loops);
        try {
          await store.remove(session.id);
        } catch (error) {
          log.warn({ err: error }, 'leases could not be given back; they lapse by themselves');
        }
      },
    };
  }

  async function giveBack(thing: Thing, processId: string, epoch: number | null) {
    try {
      await store.release(thing, processId, epoch);
    } catch (error) {
      log.warn({ kind: thing.kind, err: error }, 'a lease could not be given back yet');
      owing.set(`${keyOf(thing)}\u001f${epoch}`, { thing, processId, epoch });
    }
  }

  return {
    get processId() {
      return session.id;
    },
    async claim(thing, handlers): Promise<Ownership> {
      const key = keyOf(thing);
      const mine = session;
      if (draining && thing.id !== mine.id) {
        throw new Problem(503, 'draining', 'This process is about to end and takes nothing on.', {
          retryAfterSeconds: 2,
        });
      }
      if (mine.ended || now() >= mine.deadline) {
        throw new Problem(503, 'not-running', 'This process takes nothing on now.', { retryAfterSeconds: 2 });
      }
      if (holdings.has(key) || claiming.has(key)) throw new OwnedElsewhere(mine.id);
      claiming.add(key);
      try {
        let taken: { owner: string | null; epoch: number | null };
        try {
          taken = await store.claim(thing, mine.id);
        } catch (error) {
          // It may have been taken all the same: our word that we do not want it must reach the database.
          owing.set(`${key}\u001fnull`, { thing, processId: mine.id, epoch: null });
          throw error;
        }
        if (taken.epoch === null) {
          if (taken.owner !== null) throw new OwnedElsewhere(taken.owner);
          lapse(mine, 'it had been taken for dead');
        }
        const { epoch } = taken;
        if (epoch === null || mine.ended || now() >= mine.deadline) {
          // It was taken, perhaps beside the sweep that deletes what this process had: nobody else would ever give it back.
          if (epoch !== null) void giveBack(thing, mine.id, epoch);
          throw new Problem(503, 'not-running', 'This process takes nothing on now.', {
            retryAfterSeconds: 2,
          });
        }
        owing.delete(`${key}\u001fnull`);
        const holding: Holding = {
          thing,
          epoch,
          session: mine,
          handlers,
          answers: createAnswers(),
          state: 'held',
        };
        holdings.set(key, holding);
        return {
          thing,
          epoch,
          get held() {
            return isHeld(holding);
          },
          async release() {
            if (holding.state !== 'held') return;
            holding.state = 'given-back';
            if (holdings.get(key) === holding) holdings.delete(key);
            await giveBack(thing, mine.id, epoch);
          },
        };
      } finally {
        claiming.delete(key);
      }
    },
    async send(thing, command, params, { timeoutMs = 5000, idempotencyKey = ids.next() } = {}) {
      const json = JSON.stringify(params ?? null);
      if (Buffer.byteLength(json) > largestJson)
        throw new Problem(413, 'command-too-large', 'This is too large to be sent.');
      const until = now() + timeoutMs;
      for (let attempt = 1; attempt <= 4; attempt++) {
        // Between the claim in the database and its owner's knowing of it lie moments.
        if (attempt > 1) await sleep(Math.min(10 * 2 ** attempt, Math.max(0, until - now())));
        const here = holdings.get(keyOf(thing));
        const local = here && isHeld(here) && here.thing.orgId === thing.orgId ? here : undefined;
        const owner = local ? { processId: session.id, epoch: local.epoch } : await store.owner(thing);
        if (!owner) throw new NotOwned('nobody owns this');
        const message: CommandMessage = {
          kind: thing.kind,
          id: thing.id,
          orgId: thing.orgId,
          epoch: owner.epoch,
          command,
          params: JSON.parse(json),
          key: idempotencyKey,
        };
        const leftMs = Math.max(1, until - now());
        const answer = await (local
          ? answerWithin(carryOut(local, message), leftMs)
          : ask(owner.processId, message, leftMs));
        if (answer.t === 'result') return answer.value;
        if (answer.t === 'problem') throw problemOf(answer);
        if (answer.t === 'unknown') throw new OutcomeUnknown('the owner lost its lease meanwhile');
      }
      throw new NotOwned('nobody owns this any more');
    },
    async ownerOf(thing) {
      return (await store.owner(thing))?.processId ?? null;
    },
    owned: async (kind, ids) => new Set(ids.length === 0 ? [] : await store.owned(kind, ids)),
    processesWith: (duty, { taking = false } = {}) => store.processesWith(duty, taking),
    processesOfThisHost: () => store.processesOf(host),
    onProcessLost: (handler) => void lostHandlers.push(handler),
    get draining() {
      return draining;
    },
    get clockFault() {
      return clock.fault;
    },
    async drain() {
      draining = true;
      if (running && !session.ended) await store.drain(session.id);
    },
    async start() {
      if (running) return;
      draining = false;
      if (used) session = newSession();
      used = true;
      const fresh = createLife();
      running = fresh;
      try {
        await fresh.start();
      } catch (error) {
        running = undefined;
        await fresh.stop();
        throw error;
      }
    },
    async stop() {
      const last = running;
      running = undefined;
      await last?.stop();
    },
  };

  async function ask(processId: string, message: CommandMessage, timeoutMs: number): Promise<Answer> {
    try {
      return parseAnswer(await bus.request(commandSubject(processId), message, { timeoutMs }));
    } catch (error) {
      throw new OutcomeUnknown('the owner did not answer', { cause: error });
    }
  }

  async function answerWithin(answer: Promise<string>, timeoutMs: number): Promise<Answer> {
    const done = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: done.signal }).then(() => undefined);
    late.catch(() => {});
    try {
      const text = await Promise.race([answer, late]);
      if (text === undefined) throw new OutcomeUnknown('the owner did not answer');
      return parseAnswer(JSON.parse(text));
    } finally {
      done.abort();
    }
  }
}
