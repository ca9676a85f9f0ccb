import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@liaison/core/log';

/** A signal came while the program was starting: no fault, and nothing to tell. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * What runs, and how it is stopped again in the opposite order, once, whether a signal, a failed start or a lost
 * database asks for it. The process ends with status 0 after a signal.
 */
export interface Lifecycle {
  /** Notes how something is stopped that runs from here on. Throws `Interrupted` where a signal has come meanwhile. */
  atEnd(name: string, stop: () => Promise<void>): void;
  /** Throws `Interrupted` where a signal has come: a long start asks now and then. */
  checkpoint(): void;
  /**
   * What is done after a first signal and before anything is stopped, for as long as it takes. A second signal ends it by
   * aborting what it is given.
   */
  beforeEnd(work: (hurry: AbortSignal) => Promise<void>): void;
  /** Runs the start; when it fails, whatever runs already is stopped and the error thrown on. */
  start(work: () => Promise<void>): Promise<void>;
}

/** Longer than this and stopping is given up: the next start recovers. */
const stopWithinMs = 15_000;

/** How long a start that is under way may take to reach its next checkpoint. */
const checkpointWithinMs = 3_000;

/** What follows a signal within this time is the same one: a terminal tells the whole group, and npm hands it on once more. */
const sameSignalMs = 500;

export function createLifecycle({ log, onSignal }: { log: Log; onSignal: () => void }): Lifecycle {
  const steps: { name: string; stop: () => Promise<void> }[] = [];
  let started: Promise<void> = Promise.resolve();
  let interrupted = false;
  let interruptedAt = 0;
  let farewell: (hurry: AbortSignal) => Promise<void> = async () => {};
  const hurry = new AbortController();
  let ending: Promise<void> | undefined;

  const stopAll = async () => {
    const late = setTimeout(() => {
      log.error({}, 'stopping took too long');
      process.exit(1);
    }, stopWithinMs);
    const patience = new AbortController();
    const over = sleep(checkpointWithinMs, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([started.catch(() => {}), over]);
    patience.abort();
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await step.stop();
      } catch (error) {
        log.error({ err: error, step: step.name }, 'stopping failed');
      }
    }
    clearTimeout(late);
  };
  const end = () => {
    ending ??= stopAll();
    return ending;
  };

  // A closed terminal (SIGHUP) is as good a reason as Ctrl-C. A second one ends the waiting for what is under way, and what
  // comes once things are being stopped changes nothing.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupted) {
        if (performance.now() - interruptedAt > sameSignalMs) hurry.abort();
        return;
      }
      interrupted = true;
      interruptedAt = performance.now();
      onSignal();
      void farewell(hurry.signal)
        .catch((error: unknown) => log.error({ err: error }, 'ending in peace failed'))
        .then(end)
        .then(() => process.exit(0));
    });
  }

  const lifecycle: Lifecycle = {
    atEnd(name, stop) {
      steps.push({ name, stop });
      lifecycle.checkpoint();
    },
    beforeEnd(work) {
      farewell = work;
    },
    checkpoint() {
      if (interrupted) throw new Interrupted('a signal came during the start');
    },
    async start(work) {
      started = work();
      try {
        await started;
      } catch (error) {
        await end();
        // Whatever fails after a signal fails because of it; the handler above ends the process.
        if (interrupted) return;
        throw error;
      }
    },
  };
  return lifecycle;
}
