import type { Core } from '@liaison/core/floor';
import { hopsFor, type InviteSession, isSipUri } from '@liaison/sip';
import { featureOfCode } from '../../contract/index.ts';
import { createCall } from '../call.ts';
import type { Features } from '../features/features.ts';
import type { MediaPool } from '../media/media.ts';
import type { Principal } from '../registrations.ts';
import { createIncomingSipLeg } from '../sip-leg.ts';
import { doctorLifeMs } from './credentials.ts';

/** The other end of the doctor's calls: the echo of this process, and nobody. */
export interface DoctorCalls {
  answer(session: InviteSession, doctor: Principal): Promise<void>;
  /** Ends those that run. */
  stop(): void;
}

/**
 * A doctor's call goes the way of every other one through the signalling, the call model and a relay, in this process or in
 * one that has the duty `media`. It belongs to nobody, so it is written into no history, claims no presence and lights no
 * lamp; and no other process has to find it, because its telephone talks to this one only.
 */
export function createDoctorCalls(options: {
  core: Pick<Core, 'ids' | 'log'>;
  pool: MediaPool;
  features: Features;
}): DoctorCalls {
  const { core, pool, features } = options;
  const log = core.log.child({ part: 'doctor' });
  const ends = new Set<() => void>();
  return {
    async answer(session, doctor) {
      const { requested, request } = session;
      if (!request) return;
      const dialled = requested && isSipUri(requested) ? (requested.user ?? '') : '';
      const feature = featureOfCode(dialled)?.name;
      // Whatever else a doctor dials is somebody's.
      if (feature !== 'echo') return session.reject(404);
      hopsFor(request);
      const echo = await features.serve(feature, doctor);
      // Given up in the meantime.
      if (session.state === 'ended') return;
      // Who has the master key may know why it got no sound; it is the first thing that the doctor needs.
      const warn = (fields: { err?: unknown }, text: string): void => {
        log.warn(fields, text);
        if (session.state === 'early' && fields.err instanceof Error)
          session.reject(500, reasonOf(fields.err.message));
      };
      const party = { personId: null, name: 'doctor', address: null, extension: null };
      const { call, legEvents } = createCall({
        id: core.ids.next(),
        orgId: doctor.orgId,
        caller: { personId: null, party },
        callee: { personId: null, party: echo.party },
        callerLeg: (events) =>
          createIncomingSipLeg({
            id: core.ids.next(),
            personId: doctor.personId,
            deviceId: doctor.deviceId,
            session,
            takesInfo: false,
            events,
          }),
        pool,
        log: Object.assign(Object.create(log) as typeof log, { warn }),
        events: {
          changed() {},
          answered() {},
          ended(_call, reason) {
            clearTimeout(late);
            ends.delete(end);
            if (reason !== 'completed' && reason !== 'cancelled')
              log.warn({ callId: call.id, reason }, 'a call of the doctor ended early');
          },
        },
      });
      const end = (): void => call.end('completed');
      // A doctor that was killed says no farewell.
      const late = setTimeout(end, doctorLifeMs);
      late.unref();
      ends.add(end);
      await call.ring([echo.leg(core.ids.next(), legEvents)]);
    },
    stop() {
      for (const end of [...ends]) end();
    },
  };
}

/** As a reason phrase (RFC 3261 §25.1): one line of plain characters. */
const reasonOf = (text: string): string =>
  (text.split('\n', 1)[0] ?? '').replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
