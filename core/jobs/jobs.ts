import type { z } from 'zod';

/**
 * Work that may take long or must be tried again: mail to send, a preview to make, an import, retention.
 * Reactions add jobs; actions do not (an action's transaction sends no NOTIFY).
 */
export interface JobDefinition<Payload extends z.ZodType = z.ZodType> {
  /** `module.verb-thing`. */
  readonly name: `${string}.${string}`;
  readonly payload: Payload;
  /** How often it may fail before it is left for an administrator; `defaultAttempts` unless told. */
  readonly maxAttempts?: number;
}

export const defaultAttempts = 12;

export const defineJob = <Payload extends z.ZodType>(
  definition: JobDefinition<Payload>,
): JobDefinition<Payload> => definition;

export interface JobContext {
  /** Counts from 1. */
  readonly attempt: number;
  /**
   * Ends when the process stops: save progress and return, the job is run again. What returns after that counts as
   * interrupted, never as done.
   */
  readonly signal: AbortSignal;
}

/** A job that failed as often as it may. */
export interface FailedJob {
  readonly id: string;
  readonly name: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly lastTriedAt: Date;
}

export interface Jobs {
  /** Registers who does it; call before `start`. At least once per job: it must be safe to run twice. */
  handle<P extends z.ZodType>(
    job: JobDefinition<P>,
    handler: (payload: z.output<P>, context: JobContext) => Promise<void>,
  ): void;
  /**
   * Runs at times of a cron line (UTC), in one process of all, once per time even across restarts. Times at which no
   * process ran are passed over; a run that takes long holds back the next one.
   */
  every(name: `${string}.${string}`, cron: string, handler: (context: JobContext) => Promise<void>): void;
  /**
   * Adds one, in any process and in a transaction of its own. `key` makes a later one with the same key replace it
   * while it waits. Jobs of the same name and `queue` run one at a time, over all processes. The payload has at most 64 kB of JSON:
   * name rows, do not carry them.
   */
  add<P extends z.ZodType>(
    job: JobDefinition<P>,
    payload: z.input<P>,
    options?: { runAt?: Date; key?: string; queue?: string },
  ): Promise<void>;
  /** Runs jobs in this process (duty `worker`). */
  start(): Promise<void>;
  /** Interrupts what runs, waits up to 10 s for it, and ends every connection, also those that `add` opened. */
  stop(): Promise<void>;
  /** Runs what is due now and returns; for tests. Do not call beside `start`. */
  drain(): Promise<void>;
  /** The newest 500 that were given up. */
  failed(): Promise<FailedJob[]>;
  /** Gives a failed one all its attempts again. */
  retry(id: string): Promise<void>;
}
