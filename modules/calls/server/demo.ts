import type { Core } from '@liaison/core/floor';
import { personalSpaceOf } from '@liaison/core/spaces';
import { callEnded, type EndReason } from '../contract/index.ts';
import type { CallsTables } from './tables.ts';

/** Caller, callee, minutes before now, seconds of talk (0: not answered), and how it ended. */
const history: readonly (readonly [string, string, number, number, EndReason])[] = [
  ['beatriz', 'ines', 70, 560, 'completed'],
  ['claire', 'ines', 107, 0, 'no-answer'],
  ['mateus', 'ines', 181, 372, 'completed'],
  ['ines', 'amina', 276, 1874, 'completed'],
  ['njeri', 'ines', 1440 + 160, 1320, 'completed'],
  ['ines', 'tomas', 1440 + 199, 0, 'no-answer'],
  ['hoa', 'ines', 1440 + 575, 728, 'completed'],
  ['ines', 'joaquin', 1440 + 610, 251, 'completed'],
  ['ingrid', 'ines', 2880 + 90, 94, 'completed'],
  ['amina', 'kofi', 62, 185, 'completed'],
  ['joaquin', 'amina', 130, 0, 'cancelled'],
  ['amina', 'mateus', 1440 + 45, 402, 'completed'],
  ['dalva', 'amina', 1440 + 300, 61, 'completed'],
  ['mateus', 'claire', 2880 + 30, 233, 'completed'],
];

/** Gives the demo's people a call history. Does nothing where somebody has called already. */
export async function fillDemoCalls(
  core: Core,
  cast: { orgId: string; person(key: string): { id: string; name: string } },
): Promise<void> {
  await core.db.transaction(cast.orgId, async (tx) => {
    const calls = tx.as<CallsTables>();
    if (await calls.selectFrom('calls.call').select('id').limit(1).executeTakeFirst()) return;
    for (const [caller, callee, agoMinutes, talkSeconds, reason] of history) {
      const startedAt = new Date(Date.now() - agoMinutes * 60_000);
      const answeredAt = talkSeconds > 0 ? new Date(startedAt.getTime() + 6000) : null;
      const ringSeconds = 24;
      const callId = core.ids.next();
      const missed = talkSeconds === 0;
      await calls
        .insertInto('calls.call')
        .values({
          id: callId,
          org_id: cast.orgId,
          home_site: core.settings.site.number,
          caller_person_id: cast.person(caller).id,
          callee_person_id: cast.person(callee).id,
          dialled: cast.person(callee).id,
          caller_text: null,
          started_at: startedAt,
          answered_at: answeredAt,
          ended_at: new Date((answeredAt ?? startedAt).getTime() + (talkSeconds || ringSeconds) * 1000),
          reason,
          missed,
        })
        .execute();
      for (const key of [caller, callee]) {
        const { id: personId } = cast.person(key);
        const spaceId = await personalSpaceOf(tx, personId);
        if (spaceId)
          core.outbox.emit(tx, callEnded, {
            spaceId,
            callId,
            personId,
            reason,
            missed: missed && key === callee,
          });
      }
    }
  });
}
