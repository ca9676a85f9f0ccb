import { invalid, notFound } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { NotOwned, OutcomeUnknown } from '@liaison/core/owned';
import type { People } from '@liaison/people';
import { z } from 'zod';
import type { EndReason, TraceLine, WatchedCall } from '../../contract/index.ts';
import { watchedLegSchema } from '../../contract/watch.ts';
import type { CallQuality } from '../call-quality.ts';
import type { Relay, RelayStats } from '../media/media.ts';
import type { CallInspection } from './inspection.ts';
import { readTraceLines } from './trace-lines.ts';

interface Row extends Record<string, unknown> {
  id: string;
  caller_person_id: string | null;
  callee_person_id: string | null;
  dialled: string;
  caller_text: string | null;
  started_at: Date;
  started_text: string;
  answered_at: Date | null;
  ended_at: Date | null;
  reason: EndReason | null;
  quality: CallQuality | null;
}

const columns = `id, caller_person_id, callee_person_id, dialled, caller_text, started_at, answered_at, ended_at, reason, quality,
  to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as started_text`;
const cursorPattern = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)_([0-9a-f-]{36})$/;
/** A call's process that has not answered by then is left out: a list that waits for a dying one helps nobody. */
const patienceMs = 1500;
/** How many calls are asked at a time. */
const askedAtOnce = 25;

const inspected = z.object({
  state: z.enum(['ringing', 'connected', 'ended']),
  path: z.enum(['direct', 'relay']).nullable(),
  legs: z.array(watchedLegSchema).max(100),
});
type Inspected = z.infer<typeof inspected>;

/**
 * What a call's own process answers to the order `inspect`: its legs, and how they sound at this moment where a relay carries
 * them. Two pages that hear each other directly are measured by nobody here.
 */
export async function inspectCall(
  inspection: CallInspection,
  relay: (() => Promise<Pick<Relay, 'stats'>>) | null,
): Promise<Inspected> {
  let stats: RelayStats | undefined;
  if (relay && inspection.path === 'relay') stats = await (await relay()).stats().catch(() => undefined);
  return {
    state: inspection.state,
    path: inspection.path,
    legs: inspection.legs.slice(0, 100).map((leg) => {
      const end = stats?.ends[leg.id];
      const said = end?.quality?.said;
      return {
        id: leg.id,
        role: leg.role,
        kind: leg.kind,
        personId: leg.personId,
        held: leg.held,
        codec: end?.codec ?? null,
        protection: end?.srtp ?? null,
        transcoded: end?.transcoded ?? false,
        lossPercent: said ? Math.round(said.loss * 1000) / 10 : null,
        jitterMs: said?.jitterMs ?? null,
        roundTripMs: end?.quality?.roundTripMs ?? end?.remote?.roundTripMs ?? null,
        score: said?.mos ?? null,
      };
    }),
  };
}

export interface WatchedCalls {
  list(
    orgId: string,
    query: {
      only: 'running' | 'all';
      cursor?: string | undefined;
      limit: number;
      personId?: string | undefined;
    },
  ): Promise<{ rows: WatchedCall[]; next: string | null }>;
  /** @throws Problem 404 */
  trace(
    orgId: string,
    callId: string,
  ): Promise<{ call: WatchedCall; lines: TraceLine[]; truncated: boolean }>;
}

const maxLines = 1000;

/**
 * Calls as an administrator sees them, wherever they are. Which there are is read from the rows, a page of them at a time;
 * how each is now is asked of its owner (`core/owned`), the page's calls and no others. So the cost grows with what is on the
 * screen and not with the number of processes or calls, a silent process delays one answer only, and no second table of
 * claims has to be kept true; a list gathered from all processes would cost all of that.
 */
export function createWatchedCalls({
  core,
  people,
}: {
  core: Pick<Core, 'db' | 'owned'>;
  people: Pick<People, 'findMany'>;
}): WatchedCalls {
  const { db, owned } = core;

  async function nowOf(orgId: string, callId: string): Promise<WatchedCall['now']> {
    try {
      const thing = { kind: 'call', id: callId, orgId };
      return inspected.parse(
        await owned.send(thing, 'order', { order: 'inspect' }, { timeoutMs: patienceMs }),
      );
    } catch (error) {
      if (error instanceof NotOwned || error instanceof OutcomeUnknown) return null;
      throw error;
    }
  }

  async function present(
    tx: Tx,
    rows: readonly Row[],
  ): Promise<(Omit<WatchedCall, 'now'> & { now: null })[]> {
    const ids = rows
      .flatMap((row) => [row.caller_person_id, row.callee_person_id])
      .filter((id) => id !== null);
    const known = await people.findMany(tx, [...new Set(ids)]);
    const side = (personId: string | null, text: string | null) => ({
      personId,
      name: (personId ? known.get(personId)?.name : undefined) ?? text ?? '',
    });
    return rows.map((row) => ({
      id: row.id,
      caller: side(row.caller_person_id, row.caller_text),
      callee: side(row.callee_person_id, row.dialled),
      startedAt: row.started_at.toISOString(),
      answeredAt: row.answered_at?.toISOString() ?? null,
      endedAt: row.ended_at?.toISOString() ?? null,
      reason: row.reason,
      scores: {
        caller: row.quality?.caller?.said?.mos ?? null,
        callee: row.quality?.callee?.said?.mos ?? null,
      },
      now: null,
    }));
  }

  async function withNow(orgId: string, calls: readonly WatchedCall[]): Promise<WatchedCall[]> {
    const answers: WatchedCall[] = [];
    for (let at = 0; at < calls.length; at += askedAtOnce) {
      const some = calls.slice(at, at + askedAtOnce);
      answers.push(
        ...(await Promise.all(
          some.map(async (call) => (call.endedAt ? call : { ...call, now: await nowOf(orgId, call.id) })),
        )),
      );
    }
    return answers;
  }

  return {
    async list(orgId, query) {
      const cursor = query.cursor === undefined ? null : cursorPattern.exec(query.cursor);
      if (query.cursor !== undefined && !cursor)
        throw invalid('This list cannot go on from there; begin it anew.');
      const page = await db.read(orgId, async (tx) => {
        const rows = await tx.query<Row>(
          `select ${columns} from calls.call
           where ($1 = 'all' or ended_at is null)
             and ($2::uuid is null or caller_person_id = $2 or callee_person_id = $2)
             and ($3::timestamptz is null or (started_at, id) < ($3::timestamptz, $4::uuid))
           order by started_at desc, id desc limit $5`,
          [query.only, query.personId ?? null, cursor?.[1] ?? null, cursor?.[2] ?? null, query.limit + 1],
        );
        const shown = rows.slice(0, query.limit);
        const last = shown.at(-1);
        return {
          calls: await present(tx, shown),
          next: rows.length > query.limit && last ? `${last.started_text}_${last.id}` : null,
        };
      });
      return { rows: await withNow(orgId, page.calls), next: page.next };
    },
    async trace(orgId, callId) {
      const { call, lines } = await db.read(orgId, async (tx) => {
        const rows = await tx.query<Row>(`select ${columns} from calls.call where id = $1`, [callId]);
        const [call] = await present(tx, rows);
        if (!call) throw notFound('This call');
        const lines = await readTraceLines(
          tx,
          { where: 't.call_id = $1', parameters: [callId] },
          { limit: maxLines + 1 },
        );
        return { call, lines };
      });
      const [withState] = await withNow(orgId, [call]);
      return {
        call: withState ?? call,
        lines: lines
          .slice(0, maxLines)
          .map(({ callId: _, ...line }) => ({ ...line, at: line.at.toISOString() })),
        truncated: lines.length > maxLines,
      };
    },
  };
}
