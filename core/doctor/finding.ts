import type { Settings } from '../config/index.ts';
import type { MigrationSource } from '../db/index.ts';
import type { Log } from '../log/index.ts';

export type Outcome = 'good' | 'warning' | 'failed';

/** One line of what a doctor says. */
export interface Finding {
  /** What was looked at, in one word. */
  readonly step: string;
  readonly outcome: Outcome;
  /** What was found, without a full stop. */
  readonly what: string;
  /** What to do, as an imperative; with warnings and failures. */
  readonly mend?: string;
  /** What was measured: bytes, days, milliseconds. */
  readonly figure?: { readonly value: number; readonly unit: string };
  /** How long the look took. */
  readonly ms: number;
}

/** What a step says; who asked it and how long it took is added for it. */
export type Said = Omit<Finding, 'step' | 'ms'> & { readonly step?: string };

/** What a step may look at. It changes nothing but what it removes again. */
export interface Examined {
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** What this program would bring a database to. */
  readonly migrations: readonly MigrationSource[];
  /** Where the doors of this machine are. */
  readonly host: string;
  /** Somebody to ask for the time, as the operator names him; null: nobody. */
  readonly timeServer: string | null;
}

/**
 * One thing that a doctor looks at. What it throws becomes a failure of its own; nothing it does hides the other steps.
 * Whatever it opens it closes, also when `signal` ends it.
 */
export interface Step {
  readonly name: string;
  /** Longer than this and it counts as failed. */
  readonly limitMs: number;
  look(examined: Examined, signal: AbortSignal): Promise<readonly Said[]>;
}

export const good = (what: string, figure?: Finding['figure']): Said => ({
  outcome: 'good',
  what,
  ...(figure ? { figure } : {}),
});
export const warning = (what: string, mend: string, figure?: Finding['figure']): Said => ({
  outcome: 'warning',
  what,
  mend,
  ...(figure ? { figure } : {}),
});
export const failed = (what: string, mend: string, figure?: Finding['figure']): Said => ({
  outcome: 'failed',
  what,
  mend,
  ...(figure ? { figure } : {}),
});

/** The words of whatever was thrown, on one line. */
export const reasonOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s+/g, ' ').trim().slice(0, 300);
};
