import { setImmediate } from 'node:timers/promises';
import { nullIfMissing, type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { defineJob, type JobContext, tellFailure } from '@liaison/core/jobs';
import { personalSpaceOf } from '@liaison/core/spaces';
import { z } from 'zod';
import { type ImportFault, type ImportState, importProgressed } from '../../contract/index.ts';
import { calendarFor, importFor } from '../access.ts';
import { type Needs, tellChanged } from '../actions/needs.ts';
import type { JComponent } from '../series/component.ts';
import { type Plan, planOf, writeEvent } from '../stored.ts';
import type { ImportRecord } from './import-record.ts';
import { gatherFile } from './look-through.ts';
import { isSameContent } from './same-content.ts';
import { compareVersions, type TakenAppointment, takeGroup } from './take-group.ts';

export const runImportJob = defineJob({
  name: 'calendar.run-import',
  payload: z.object({ orgId: z.uuid(), importId: z.uuid(), personId: z.uuid() }),
  maxAttempts: 5,
});

/** Appointments of one transaction. */
const batchSize = 50;
/** Of all that could not be taken, so much is shown. */
const shownFaults = 100;
/** Times that one file may bring: beyond that its series are refused, single appointments are not. */
const maxTimes = 200_000;

export interface ImportParts {
  readonly core: Core;
  readonly needs: Needs;
}

/**
 * Takes the appointments of a file into its calendar, batch by batch. Each batch is one transaction that also says how far it is: whoever
 * goes on after a crash begins after it. Ends as soon as somebody stops it, or may not write there any more.
 */
export async function runImport(
  { core, needs }: ImportParts,
  { orgId, importId, personId }: { orgId: string; importId: string; personId: string },
  { signal, attempt }: Pick<JobContext, 'signal' | 'attempt'>,
): Promise<void> {
  // Rights are asked for the person, batch by batch; her role in the organisation decides nothing here.
  const actor: PersonActor = { kind: 'person', orgId, personId, role: 'guest', sessionId: importId };
  await tellFailure(
    runImportJob,
    { attempt },
    {
      async work() {
        const row = await core.db.read(orgId, (tx) => importFor(tx, actor, importId)).catch(nullIfMissing);
        if (row?.state !== 'running') return;
        if (row.file_sha256 === null) throw new Problem(404, 'not-found', 'The file is gone.');
        await takeAll({ core, needs }, actor, row, row.file_sha256, signal);
      },
      tell: () =>
        core.db.transaction(orgId, async (tx) => {
          const row = await importFor(tx, actor, importId, true).catch(nullIfMissing);
          if (row?.state === 'running') await note(tx, needs, row, { state: 'failed' });
        }),
    },
  );
}

async function takeAll(
  parts: ImportParts,
  actor: PersonActor,
  row: ImportRecord,
  sha256: string,
  signal: AbortSignal,
): Promise<void> {
  const { groups, zones } = await gatherFile(parts.core.blobs, sha256);
  let times = row.times;
  for (let from = row.done; ; from += batchSize) {
    const some = groups.slice(from, from + batchSize);
    const planned: Planned[][] = [];
    const faults: ImportFault[] = [];
    for (const group of some) {
      // One series can cost its share of processor time; others have theirs between.
      await setImmediate();
      if (signal.aborted) return;
      const taken = takeGroup(group, zones, row.time_zone);
      if (!('components' in taken)) {
        faults.push(taken);
        continue;
      }
      const plans = [taken, ...taken.following].map((each): Planned | ImportFault => {
        const plan = planFor(each, parts.needs.now(), maxTimes - times);
        if (!('times' in plan)) return plan;
        times += plan.times.length;
        return { taken: each, plan };
      });
      const fault = plans.find((each) => !('plan' in each));
      if (fault) {
        faults.push(fault as ImportFault);
        continue;
      }
      faults.push(...taken.remarks);
      planned.push(plans as Planned[]);
    }
    const isLast = from + batchSize >= groups.length;
    const batch = { from, count: some.length, planned, faults, isLast };
    if (!(await takeBatch(parts, actor, row.id, batch)) || isLast) return;
  }
}

interface Planned {
  readonly taken: TakenAppointment;
  readonly plan: Plan;
}

function planFor({ components, line }: TakenAppointment, now: Date, timesLeft: number): Plan | ImportFault {
  try {
    const plan = planOf(components, now);
    return plan.times.length > 1 && plan.times.length > timesLeft
      ? { line, code: 'many', detail: `the series of one file take place more than ${maxTimes} times` }
      : plan;
  } catch (error) {
    if (error instanceof Problem) return { line, code: 'invalid', detail: error.detail ?? error.message };
    throw error;
  }
}

interface Batch {
  /** Appointments of the file before these. */
  readonly from: number;
  readonly count: number;
  /** A series that its file changes from one time on is several, one after the other. */
  readonly planned: readonly (readonly Planned[])[];
  readonly faults: ImportFault[];
  readonly isLast: boolean;
}

interface KnownEvent extends Record<string, unknown> {
  readonly id: string;
  readonly uid: string;
  readonly meeting_id: string;
  readonly organiser_id: string | null;
  readonly components: JComponent[];
  readonly is_busy: boolean;
  readonly reminders: number[];
  readonly colour: number | null;
  readonly has_others: boolean;
}

/** @returns false where somebody stopped it, or another process is further. */
function takeBatch(
  { core, needs }: ImportParts,
  actor: PersonActor,
  importId: string,
  { from, count, planned, faults, isLast }: Batch,
): Promise<boolean> {
  return core.db.transaction(actor.orgId, async (tx) => {
    // Two workers on one import take turns; the second finds that it is behind.
    const row = await importFor(tx, actor, importId, true);
    if (row.state !== 'running' || row.done !== from) return false;
    const calendar = await calendarFor(tx, needs.spaces, actor, row.calendar_id, 'write');
    const rows = await tx.query<KnownEvent>(
      `select e.id, e.uid, e.meeting_id, e.organiser_id, e.components, e.is_busy, e.reminders, e.colour,
         exists (select from calendar.participant p where p.meeting_id = e.meeting_id) as has_others
       from calendar.event e where e.calendar_id = $1 and e.uid = any($2::text[]) order by e.id for update of e`,
      [calendar.id, planned.flat().map(({ taken }) => taken.uid)],
    );
    const known = new Map(rows.map((each) => [each.uid, each]));
    const counts = { added: 0, changed: 0, unchanged: 0, times: 0 };
    const written: string[] = [];
    const take = async ({ taken, plan }: Planned): Promise<'added' | 'changed' | 'unchanged'> => {
      const there = known.get(taken.uid);
      if (there && isKept(there, taken)) return 'unchanged';
      const id = there?.id ?? needs.nextId();
      await writeEvent(
        tx,
        {
          id,
          calendarId: calendar.id,
          uid: taken.uid,
          meetingId: id,
          organiserId: there ? there.organiser_id : actor.personId,
          components: taken.components,
          isBusy: taken.isBusy,
          reminders: taken.reminders,
          colour: there?.colour ?? null,
        },
        plan,
      );
      counts.times += plan.times.length;
      written.push(id);
      return there ? 'changed' : 'added';
    };
    for (const parts of planned) {
      const ofOthers = parts.find(({ taken }) => {
        const there = known.get(taken.uid);
        return there && !isKept(there, taken) && (there.has_others || there.meeting_id !== there.id);
      });
      if (ofOthers) {
        const { line, uid } = ofOthers.taken;
        faults.push({ line, code: 'meeting', detail: uid.slice(0, 100) });
        continue;
      }
      const outcomes: ('added' | 'changed' | 'unchanged')[] = [];
      for (const each of parts) outcomes.push(await take(each));
      const [first] = outcomes;
      // A series is one, into however many it was divided.
      counts[outcomes.every((each) => each === first) && first ? first : 'changed'] += 1;
    }
    if (written.length > 0) {
      tellChanged(
        tx,
        needs,
        written.map((eventId) => ({ spaceId: calendar.spaceId, calendarId: calendar.id, eventId })),
      );
    }
    await note(tx, needs, row, { state: isLast ? 'done' : 'running', done: count, ...counts, faults });
    return true;
  });
}

/** What is there is as the file has it, or was changed after it was written to the file. */
function isKept(there: KnownEvent, taken: TakenAppointment): boolean {
  const [before, after] = [there.components[0], taken.components[0]];
  if (before && after && compareVersions(before, after) > 0) return true;
  return (
    isSameContent(there.components, taken.components) &&
    // An invitation's own reminders are those of whoever has it.
    (there.meeting_id !== there.id ||
      (there.is_busy === taken.isBusy && JSON.stringify(there.reminders) === JSON.stringify(taken.reminders)))
  );
}

/** Writes how far an import is, and tells its owner's pages. */
async function note(
  tx: Tx,
  needs: Pick<Needs, 'emit'>,
  row: ImportRecord,
  more: {
    state: ImportState;
    done?: number;
    added?: number;
    changed?: number;
    unchanged?: number;
    times?: number;
    faults?: readonly ImportFault[];
  },
): Promise<void> {
  const { state, done = 0, added = 0, changed = 0, unchanged = 0, times = 0, faults = [] } = more;
  const shown = [...row.faults, ...faults].slice(0, shownFaults);
  await tx.query(
    `update calendar.import set state = $2, done = done + $3, added = added + $4, changed = changed + $5,
       unchanged = unchanged + $6, times = times + $7, fault_count = fault_count + $8, faults = $9::jsonb,
       file_sha256 = case when $2 = 'done' then null else file_sha256 end
     where id = $1`,
    [row.id, state, done, added, changed, unchanged, times, faults.length, JSON.stringify(shown)],
  );
  await tellProgress(tx, needs, row, row.done + done, state !== 'running');
}

export async function tellProgress(
  tx: Tx,
  { emit }: Pick<Needs, 'emit'>,
  row: Pick<ImportRecord, 'id' | 'person_id' | 'total'>,
  done: number,
  finished: boolean,
): Promise<void> {
  const personalSpaceId = await personalSpaceOf(tx, row.person_id);
  if (personalSpaceId === null) return;
  emit(tx, importProgressed, { personalSpaceId, importId: row.id, done, total: row.total, finished });
}
