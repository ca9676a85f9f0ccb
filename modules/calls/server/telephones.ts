import { listenError, mediaAddress } from '@liaison/core/config';
import type { Core, Service } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import {
  createUserAgent,
  type Flow,
  type InviteSession,
  type Registration,
  SipRefusal,
  type UserAgent,
} from '@liaison/sip';
import { adoptFlows, deleteExpiredRegistrations, forgetFlow } from './across-organisations.ts';
import { isDoctorDevice, withDoctors } from './doctor/credentials.ts';
import type { DoctorCalls } from './doctor/doctor-calls.ts';
import { createLineDriver, type KnownDialogs, type LineDriver } from './far/line-driver.ts';
import { createKnownDevices, type KnownDevices, tellForgottenCredentials } from './known-devices.ts';
import { createLamps, eventPackages, type Lamps } from './lamps/lamps.ts';
import type { NamedCall } from './leg.ts';
import { createRegistrar } from './registrar.ts';
import { type Principal, register } from './registrations.ts';
import { showLoad } from './show-load.ts';
import { createSipSignIn, type SipSignIn } from './sip-sign-in.ts';
import { requireUsableOffer } from './telephone-media.ts';
import { createTrustedPeers } from './trusted-peers.ts';
import type { SignalTap } from './watch/signal-tap.ts';

/** The SIP side of this process: its sockets, its registrar, and the door to calls. */
export interface Telephones extends Service {
  /** Null in a process without the duty `sip`. */
  readonly userAgent: UserAgent | null;
  /** The call of another process that a session here is driven for. */
  drivenCallOf(session: InviteSession): NamedCall | null;
  /** A session of this process goes on for a call of another one; false in a process without the duty `sip`. */
  drive(...adopted: Parameters<LineDriver['adopt']>): boolean;
  readonly ports: {
    readonly udpPort: number | null;
    readonly tcpPort: number | null;
    readonly tlsPort: number | null;
  };
  /** SIP over TLS, from the next start on: the certificate is asked for again from time to time. */
  secure(certificate: { options(): { cert: string; key: string } }): void;
}

const isPrincipal = (value: unknown): value is Principal =>
  typeof value === 'object' &&
  value !== null &&
  'deviceId' in value &&
  'orgId' in value &&
  'personId' in value;

const signsOn = (changes: Registration['changes']): boolean =>
  changes.kind === 'update' && changes.contacts.some(({ expiresSeconds }) => expiresSeconds !== 0);

/** How often registrations are looked after, in milliseconds. */
const sweepMs = 5000;

export function createTelephones(options: {
  core: Core;
  people: People;
  reach: Reach;
  /** A telephone calls somebody; it is signed in. */
  incoming(session: InviteSession, principal: Principal): Promise<void>;
  /** Answers the telephones of doctors. */
  doctorCalls: DoctorCalls;
  /** Which call a telephone's dialog belongs to. */
  dialogs: KnownDialogs;
  /** Hears the signalling of this process. */
  tap: SignalTap;
}): Telephones {
  const { core, people, reach, incoming, doctorCalls, tap } = options;
  const log = core.log.child({ part: 'sip' });
  let userAgent: UserAgent | null = null;
  let ports: Telephones['ports'] = { udpPort: null, tcpPort: null, tlsPort: null };
  let sweeper: NodeJS.Timeout | undefined;
  let certificate: Parameters<Telephones['secure']>[0] | undefined;
  /** The certificate that the sockets have. */
  let shownCertificate = '';
  let driver: LineDriver | undefined;
  let lamps: Lamps | undefined;
  let devices: KnownDevices | undefined;
  let signIn: SipSignIn | undefined;
  let tending: Promise<void> | undefined;
  /** Flows that are being forgotten. */
  const forgetting = new Set<Promise<void>>();
  let isStopping = false;
  const registrar = createRegistrar({ core, people, reach });
  tellForgottenCredentials(core);
  /** Ids under which this process was known while its sockets were open. */
  const earlierIds = new Set<string>();

  /** Where datagrams of a flow end on our side; see `place` in the registrations. */
  const placeOf = (port: number | null): string =>
    port === null ? '' : `udp:${mediaAddress(core.settings)}:${core.settings.bind}:${port}`;
  const ownerOf = (flow: Flow) => ({
    processId: core.owned.processId,
    place: flow.protocol === 'udp' ? placeOf(ports.udpPort) : '',
  });

  /** Keeps this process's telephones reachable for the others, also after it was taken for dead. */
  async function tend(): Promise<void> {
    const { processId } = core.owned;
    await driver?.claim();
    await adoptFlows(core.db, {
      processId,
      places: [placeOf(ports.udpPort)].filter((place) => place !== ''),
      followed: await core.owned.processesOfThisHost(),
      earlierIds: [...earlierIds].filter((id) => id !== processId),
    });
    earlierIds.add(processId);
    await driver?.sweep();
    await registrar.release(await deleteExpiredRegistrations(core.db));
  }
  /** A renewed certificate is shown to whoever connects from now on. */
  function renewCertificate(): void {
    const renewed = certificate?.options();
    if (!renewed || renewed.cert === shownCertificate) return;
    shownCertificate = renewed.cert;
    try {
      userAgent?.setCertificate(renewed.cert, renewed.key);
    } catch (error) {
      log.error({ err: error }, 'the new certificate cannot be used for SIP; the earlier one stays');
    }
  }

  function tendSoon(): void {
    renewCertificate();
    if (!driver) return;
    tending ??= tend()
      .catch((error: Error) =>
        log.warn({ err: error }, 'registrations could not be looked after; trying again'),
      )
      .finally(() => {
        tending = undefined;
      });
  }
  core.owned.onProcessLost(tendSoon);

  showLoad(core.metrics, () => userAgent);

  // Telephones in pages of other sites too: they sign in by digest, and no cookie counts here.
  core.http.upgrade(
    '/sip',
    (request, socket, head) => {
      if (userAgent) userAgent.acceptUpgrade(request, socket, head);
      else socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
    },
    { anySite: true },
  );

  return {
    name: 'calls.telephones',
    secure(source) {
      certificate = source;
    },
    get userAgent() {
      return userAgent;
    },
    drivenCallOf: (session) => driver?.callOf(session) ?? null,
    drive(session, to) {
      driver?.adopt(session, to);
      return driver !== undefined;
    },
    get ports() {
      return ports;
    },
    async start() {
      const { settings } = core;
      isStopping = false;
      devices = createKnownDevices({ bus: core.bus, people });
      const peers = createTrustedPeers(settings);
      signIn = createSipSignIn({ core, devices: withDoctors(core.secrets, devices), peers });
      lamps = createLamps({ core, people, reach });
      const shown = certificate?.options();
      shownCertificate = shown?.cert ?? '';
      const tls = shown && { certificate: shown.cert, key: shown.key };
      const made = createUserAgent({
        userAgent: 'Liaison',
        transports: [
          { protocol: 'udp', host: settings.bind, port: settings.sipPort },
          { protocol: 'tcp', host: settings.bind, port: settings.sipPort },
          ...(tls ? [{ protocol: 'tls', host: settings.bind, port: settings.sipsPort, tls } as const] : []),
          // SIP over WebSocket (RFC 7118) comes in by the web server, at /sip.
          { protocol: 'wss', withoutListener: true },
          { protocol: 'ws', withoutListener: true },
        ],
        advertise: mediaAddress(settings),
        authenticate: signIn.authenticate,
        trusts: peers.areAt,
        nonceSecret: core.secrets.derive('sip-nonce'),
        log: (level, message, fields) => log[level](fields ?? {}, message),
        eventPackages,
        // A telephone may name a call that another process has with it.
        foreignReplaces: true,
        observer: tap.observer,
        overload: {},
        takesUserhash: true,
        handlers: {
          realmFor: (request) => {
            // The domain that the telephone was told is its organisation's realm; a stranger's domain is challenged like
            // any other, so that nobody learns which organisations there are.
            const credentials =
              request.headers.get('authorization') ?? request.headers.get('proxy-authorization');
            const named = /realm="([^"]{1,253})"/.exec(credentials ?? '')?.[1];
            const domain = named ?? (request.method === 'REGISTER' ? request.to.uri : request.from.uri);
            const host = typeof domain === 'string' ? domain : 'host' in domain ? domain.host : null;
            return host === null ? null : host.toLowerCase();
          },
          credentials: signIn.credentials,
          async register(registration) {
            const { principal } = registration;
            if (!isPrincipal(principal)) throw new SipRefusal(403, 'Forbidden');
            if (isDoctorDevice(principal.deviceId)) {
              // It is nobody's: it shows nobody reachable, and rings for nobody.
              return (await register(core.db, principal, registration, ownerOf(registration.flow))).contacts;
            }
            // RFC 3261 §21.5.4: it may try another one of us. Who signs off is heard.
            if (core.owned.draining && signsOn(registration.changes))
              throw new SipRefusal(503, 'Service Unavailable', [['retry-after', '5']]);
            return registrar.register(principal, registration, ownerOf(registration.flow));
          },
          flowClosed(flow) {
            // What ends with this process is forgotten by those that stay, or adopted by the next one here.
            if (isStopping) return;
            const work = forgetFlow(core.db, core.owned.processId, flow.id)
              .then(registrar.release)
              .catch((error: Error) => log.warn({ err: error }, 'a closed flow could not be forgotten'))
              .finally(() => forgetting.delete(work));
            forgetting.add(work);
          },
          async invite(session) {
            if (!isPrincipal(session.principal)) return session.reject(403);
            if (session.remoteOffer !== undefined) requireUsableOffer(session.remoteOffer);
            if (isDoctorDevice(session.principal.deviceId))
              return doctorCalls.answer(session, session.principal);
            await incoming(session, session.principal);
          },
          async subscribe(subscription) {
            if (!isPrincipal(subscription.principal) || isDoctorDevice(subscription.principal.deviceId))
              return subscription.reject(403);
            await lamps?.subscribe(subscription, subscription.principal);
          },
        },
      });
      try {
        const bound = await made.start();
        ports = {
          udpPort: bound.udpPort ?? null,
          tcpPort: bound.tcpPort ?? null,
          tlsPort: bound.tlsPort ?? null,
        };
      } catch (error) {
        await made.stop();
        lamps.close();
        const port = error instanceof Error && 'port' in error ? error.port : settings.sipPort;
        const isTls = port === settings.sipsPort && settings.sipsPort !== settings.sipPort;
        throw listenError(
          error,
          isTls ? 'LIAISON_SIPS_PORT' : 'LIAISON_SIP_PORT',
          `${settings.bind}:${port}`,
        );
      }
      userAgent = made;
      driver = createLineDriver({ core, userAgent: made, tap, dialogs: options.dialogs });
      try {
        await tend();
      } catch (error) {
        userAgent = null;
        await made.stop();
        lamps.close();
        throw error;
      }
      sweeper = setInterval(tendSoon, sweepMs);
    },
    async stop() {
      clearInterval(sweeper);
      isStopping = true;
      await Promise.all([tending, ...forgetting]);
      doctorCalls.stop();
      // Its farewells are told to the calls of other processes before the way there is closed.
      await userAgent?.stop();
      lamps?.close();
      await driver?.stop();
      await registrar.settled();
      signIn?.close();
      devices?.close();
      userAgent = null;
      driver = undefined;
    },
  };
}
