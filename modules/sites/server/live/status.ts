import type { Core } from '@liaison/core/floor';
import { type StatusPart, statusParts } from '../../contract/installation.ts';
import type { SiteRows } from './across-organisations.ts';
import { partsNow } from './parts.ts';

export interface PartDay {
  /** `2026-05-14`, in UTC. */
  readonly day: string;
  readonly upMinutes: number;
  readonly downMinutes: number;
}

/** What the public page says: nothing of who is here, how many, or which machines. */
export interface StatusNow {
  readonly at: Date;
  readonly parts: readonly {
    readonly part: StatusPart;
    readonly up: boolean;
    /** Oldest first; days that nobody watched are left out. */
    readonly days: readonly PartDay[];
  }[];
}

export interface Status {
  /** Never rejects: without a database only pages are there, and what was known of earlier days is said again. */
  now(): Promise<StatusNow>;
}

/** So often it is found out anew, however many ask. */
const keepMs = 5000;
/** A database that hangs must not keep the page away. */
const patienceMs = 3000;

export function createStatus(core: Pick<Core, 'outbox' | 'log'>, rows: SiteRows): Status {
  let kept: { readonly until: number; readonly status: Promise<StatusNow> } | undefined;
  let lastDays: Awaited<ReturnType<SiteRows['days']>> = [];

  async function find(): Promise<StatusNow> {
    let up = new Map<StatusPart, boolean>([['pages', true]]);
    try {
      const [processes, { lagSeconds }, days] = await inTime(
        Promise.all([rows.processes(), core.outbox.backlog(), rows.days()]),
      );
      lastDays = days;
      up = new Map(partsNow(processes, lagSeconds).map((each) => [each.part, each.up]));
      // Whoever reads this has a page before him.
      up.set('pages', true);
    } catch (error) {
      core.log.warn({ err: error }, 'the public state is told without the database');
    }
    return {
      at: new Date(),
      parts: statusParts.map((part) => ({
        part,
        up: up.get(part) ?? false,
        days: lastDays
          .filter((each) => each.part === part)
          .map(({ day, up: upMinutes, down: downMinutes }) => ({ day, upMinutes, downMinutes })),
      })),
    };
  }

  return {
    now() {
      if (!kept || kept.until < performance.now())
        kept = { until: performance.now() + keepMs, status: find() };
      return kept.status;
    },
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error('no answer in time')), patienceMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
