import type { Core, Service } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import { type CallView, callChanged } from '../contract/index.ts';
import { forgetOrphans, listOpenCalls, type OpenCall } from './across-organisations.ts';
import { writeCallEnded } from './actions/write-call.ts';
import { toParty } from './queries.ts';
import type { CallsTables } from './tables.ts';

/** How often it looks without having been told of a death, in milliseconds. */
const sweepMs = 5000;
const pageSize = 500;
/** How long telephones of a dead process are waited for, in case it starts again where it was. */
const graceSeconds = 30;

/**
 * Writes the end of calls whose process died, and tells their people, who may hear each other directly and would never
 * notice. A call is claimed before its row is written and given back after its end is, so a row without an end and
 * without an owner is a lost call, whatever its age.
 *
 * It also forgets registrations whose flow ended with its process. Duty `worker`; harmless in several processes.
 */
export function createLostCalls({
  core,
  people,
  reach,
}: {
  core: Core;
  people: People;
  reach: Reach;
}): Service {
  const { db, live, log, outbox, owned } = core;

  async function end({ id, orgId }: OpenCall): Promise<void> {
    const views = await db.transaction(orgId, async (tx) => {
      const row = await tx
        .as<CallsTables>()
        .selectFrom('calls.call')
        .select([
          'caller_person_id',
          'callee_person_id',
          'dialled',
          'caller_text',
          'started_at',
          'answered_at',
        ])
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .forUpdate()
        .executeTakeFirst();
      if (!row) return [];
      const [callerPersonId, calleePersonId] = [row.caller_person_id, row.callee_person_id];
      await writeCallEnded(
        tx,
        { people, emit: outbox.emit },
        { id, orgId, callerPersonId, calleePersonId },
        { reason: 'lost', missed: false },
      );
      const ids = [callerPersonId, calleePersonId].filter((each) => each !== null);
      const known = await people.findMany(tx, ids);
      const view = (
        direction: CallView['direction'],
        peerId: string | null,
        text: string | null,
      ): CallView => ({
        id,
        direction,
        state: 'ended',
        peer: toParty(peerId === null ? null : known.get(peerId), text),
        mine: null,
        peerKind: null,
        ringing: { pages: false, telephones: 0 },
        heldByMe: false,
        heldByPeer: false,
        peerLost: true,
        startedAt: (row.started_at as Date).toISOString(),
        answeredAt: (row.answered_at as Date | null)?.toISOString() ?? null,
        endedAt: new Date().toISOString(),
        reason: 'lost',
      });
      return [
        { personId: callerPersonId, view: view('outgoing', calleePersonId, row.dialled) },
        { personId: calleePersonId, view: view('incoming', callerPersonId, row.caller_text) },
      ];
    });
    for (const { personId, view } of views) {
      if (personId !== null) live.signal({ personIds: [personId] }, callChanged, view);
    }
  }

  async function sweep(): Promise<void> {
    let afterId: string | null = null;
    do {
      const open: OpenCall[] = await listOpenCalls(db, afterId, pageSize);
      const kept = await owned.owned(
        'call',
        open.map(({ id }) => id),
      );
      for (const call of open) if (!kept.has(call.id)) await end(call);
      afterId = open.length === pageSize ? (open.at(-1)?.id ?? null) : null;
    } while (afterId !== null);
    for (const { orgId, personId, deviceId, left } of await forgetOrphans(db, graceSeconds)) {
      if (left === 0) await reach.release({ orgId, personId, kind: 'telephone', ref: `device:${deviceId}` });
    }
  }

  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> | undefined;
  /** A death that is heard of during a sweep is looked at by the next one. */
  let again = false;
  const look = (): void => {
    if (timer === undefined) return;
    if (sweeping) {
      again = true;
      return;
    }
    again = false;
    sweeping = sweep()
      .catch((error: Error) => log.warn({ err: error }, 'lost calls could not be closed; trying again'))
      .finally(() => {
        sweeping = undefined;
        if (again) look();
      });
  };
  owned.onProcessLost(look);

  return {
    name: 'calls.sweeper',
    async start() {
      timer = setInterval(look, sweepMs);
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await sweeping;
    },
  };
}
