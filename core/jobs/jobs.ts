import type { z } from 'zod';

/**
 * Work that may take long or must be tried again: mail to send, a preview to make, an import, retention.
 * Reactions add jobs; actions do not (an action's transaction sends no NOTIFY).
 */
export interface JobDefinition<Payload extends z.ZodType = z.ZodType> {
  /** `module.verb-thing`. */
  readonly name: `${string}.${string}`;
  readonly payload: Payload;
  /** How often it may fail before it is left for an administrator; 12 unless told. */
  readonly maxAttempts?: number;
}

export const defineJob = <Payload extends z.ZodType>(definition: JobDefinition<Payload>): JobDefinition<Payload> =>
  definition;

export interface JobContext {
  readonly attempt: number;
  /** Ends when the process stops: save progress and return, the job is run again. */
  readonly signal: AbortSignal;
}

export interface Jobs {
  /** Registers who does it; call before `start`. At least once per job: it must be safe to run twice. */
  handle<P extends z.ZodType>(
    job: JobDefinition<P>,
    handler: (payload: z.output<P>, context: JobContext) => Promise<void>,
  ): void;
  /** Runs at times of a cron line (UTC), in one process of all, once per time even across restarts. */
  every(name: `${string}.${string}`, cron: string, handler: (context: JobContext) => Promise<void>): void;
  /** Adds one. `key` makes a later one with the same key replace it while it waits. */
  add<P extends z.ZodType>(
    job: JobDefinition<P>,
    payload: z.input<P>,
    options?: { runAt?: Date; key?: string },
  ): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Runs what is due now and returns; for tests. */
  drain(): Promise<void>;
}
