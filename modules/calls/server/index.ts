import type { Contacts } from '@liaison/contacts';
import { mediaAddress } from '@liaison/core/config';
import type { MigrationSource } from '@liaison/core/db';
import type { Core, Service } from '@liaison/core/floor';
import { reactTo } from '@liaison/core/outbox';
import type { ClosedPages } from '@liaison/notify';
import { deviceRevoked, type People, personErased, personSuspended } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import type { CallTimes } from './call.ts';
import { createDoctorCalls } from './doctor/doctor-calls.ts';
import { createExchange, type Exchange } from './exchange.ts';
import { createFarRelays } from './far/far-relays.ts';
import { createRelayKeeper } from './far/relay-keeper.ts';
import { createFeatures } from './features/features.ts';
import { serveIceServers } from './ice-servers.ts';
import { putOutLamps } from './lamps/lamps.ts';
import { createLostCalls } from './lost-calls.ts';
import { createMediaPool } from './media/media.ts';
import { createOutsideNames } from './outside-names.ts';
import { servePageCommands } from './page-commands.ts';
import { forgetDevice, forgetTelephonesOf } from './registrations.ts';
import { serveRoutes } from './routes.ts';
import { serveDecline } from './serve-decline.ts';
import { showSessions } from './show-sessions.ts';
import { createTelephones, type Telephones } from './telephones.ts';
import { createCaptures } from './watch/captures.ts';
import { createHeaderCaptures } from './watch/header-captures.ts';
import { serveWatch } from './watch/routes.ts';
import { createSignalTap } from './watch/signal-tap.ts';
import { createTraceStore } from './watch/trace-store.ts';

export { content } from './content.ts';
export { createMediaPool } from './media/media.ts';
export { news } from './news.ts';
export { personalData } from './personal-data.ts';

export const migrations: MigrationSource = {
  schema: 'calls',
  folder: new URL('./migrations/', import.meta.url),
};

export interface CallsModule {
  /** Sockets and registrar; duty `sip`. */
  readonly telephones: Telephones;
  /** Keeps what is said about calls for ladder diagrams and captures; every process that has pages or telephones. */
  readonly tap: Service;
  /** Ends this process's calls and relays when it stops; every process that has pages or telephones. */
  readonly exchange: Exchange & Service;
  /** Relays for processes without the duty `media`, and the end of all relays of this one; every process with calls or that duty. */
  readonly media: { readonly keeper: Service; readonly pool: Service };
  /** Calls, and what other processes' calls have here: a process that drains ends when there are none. */
  readonly underWay: number;
  /** Writes the end of calls whose process died and forgets their telephones; duty `worker`. */
  readonly sweeper: Service;
}

/**
 * The exchange of this process: serves its routes and commands at once, opens sockets and media processes only when its
 * services are started (`duties.ts`), which also close them.
 *
 * @param times how long it rings and waits for a page that vanished; for tests.
 */
export function createCalls({
  core,
  people,
  reach,
  contacts,
  closedPages,
  times,
}: {
  core: Core;
  people: People;
  reach: Reach;
  /** Whose names callers from outside have. */
  contacts?: Pick<Contacts, 'names'>;
  /** Pages that a call wakes. */
  closedPages?: ClosedPages;
  times?: CallTimes;
}): CallsModule {
  const { settings, db, outbox, log } = core;
  const address = mediaAddress(settings);
  // A process without the duty asks those with it: relays need ports that the world reaches.
  const pool = settings.duties.includes('media')
    ? createMediaPool({
        rtpPorts: { min: settings.rtpPorts.from, max: settings.rtpPorts.to },
        advertise: address,
        bind: settings.bind,
        log: log.child({ part: 'media' }),
      })
    : createFarRelays(core);
  const outside = createOutsideNames({ contacts, log });
  const keeper = createRelayKeeper({ core, pool });
  const captures = createCaptures(core);
  const tap = createSignalTap({ core, store: createTraceStore(core), captures });
  const exchange: Exchange = createExchange({
    core: { ...core, live: tap.overhear(core.live) },
    people,
    reach,
    telephones: () => telephones,
    pool,
    tap,
    outside,
    ...(closedPages ? { closedPages } : {}),
    ...(times ? { times } : {}),
  });
  const telephones = createTelephones({
    core,
    people,
    reach,
    incoming: (session, principal) => exchange.startFromTelephone(session, principal),
    doctorCalls: createDoctorCalls({ core, pool, features: createFeatures({ reach }) }),
    dialogs: exchange,
    tap,
  });
  const headerCaptures = createHeaderCaptures({
    core,
    captures,
    callHere: (callId) => exchange.callHere(callId),
  });
  servePageCommands(core, exchange);
  serveIceServers(core);
  core.metrics.gauge({
    name: 'liaison_calls_running',
    help: 'Calls that this process owns',
    read: () => exchange.running,
  });
  showSessions(core.metrics, () => telephones.userAgent?.sessions);
  serveRoutes({ core, people, telephones, outside });
  serveDecline(core, exchange);
  serveWatch({ core, people, reach, captures });

  // A revoked telephone is forgotten; its running call ends with the next request it cannot sign.
  outbox.react(
    reactTo('calls.forget-revoked-device', deviceRevoked, async ({ orgId, payload }) => {
      await db.transaction(orgId, (tx) => forgetDevice(tx, payload.deviceId));
      putOutLamps(core.bus, [payload.deviceId]);
      await reach.release({
        orgId,
        personId: payload.personId,
        kind: 'telephone',
        ref: `device:${payload.deviceId}`,
      });
    }),
  );

  for (const event of [personSuspended, personErased]) {
    outbox.react(
      reactTo(`calls.silence-telephones-after.${event.name}`, event, async ({ orgId, payload }) => {
        const deviceIds = await db.transaction(orgId, (tx) => forgetTelephonesOf(tx, payload.personId));
        putOutLamps(core.bus, deviceIds);
        for (const deviceId of deviceIds) {
          await reach.release({
            orgId,
            personId: payload.personId,
            kind: 'telephone',
            ref: `device:${deviceId}`,
          });
        }
      }),
    );
  }

  return {
    telephones,
    tap,
    get underWay() {
      return exchange.running + pool.stats().relays + (telephones.userAgent?.sessions.size ?? 0);
    },
    exchange: {
      ...exchange,
      get running() {
        return exchange.running;
      },
      name: 'calls.exchange',
      start: () => headerCaptures.start(),
      async stop() {
        await headerCaptures.stop();
        await exchange.stop();
      },
    },
    media: {
      keeper,
      pool: { name: 'calls.media', start: async () => {}, stop: () => pool.stop() },
    },
    sweeper: createLostCalls({ core, people, reach }),
  };
}
