import type { Core } from '@liaison/core/floor';
import { createGuessing, devicePolicy, TooManyTries } from '@liaison/core/guessing';
import {
  createUserhash,
  type Handlers,
  originOf,
  SipRefusal,
  type SipRequest,
  type UserAgentOptions,
} from '@liaison/sip';
import type { KnownDevices } from './known-devices.ts';
import type { Principal } from './registrations.ts';
import type { TrustedPeers } from './trusted-peers.ts';

/** How telephones sign in: what the engine asks before a request outside of a dialog is believed. */
export interface SipSignIn {
  readonly authenticate: NonNullable<UserAgentOptions['authenticate']>;
  readonly credentials: Handlers['credentials'];
  /** Ends listening to other processes. */
  close(): void;
}

const maxHeldUp = 10_000;

/**
 * Digest with the devices' stored hashes, and the guessing of them slowed by address (`core/guessing`).
 *
 * Who is held up is looked at no more, whatever it sends. An address that guessed at many names gets 503 with Retry-After: not
 * 403, which RFC 3261 §20.33 gives no Retry-After and after which telephones give up until somebody restarts them, among them
 * the good one that shares its address with the guesser; 503 (§21.5.4) is what they come back after. Not silence either: each
 * lost request would be repeated ten times (§17.1.2.2). An address that is wrong about one name too often does get 403: a
 * telephone with a mistyped secret shall stop and say so. Both are the same for names that there are and names that there
 * are not, and so is the challenge that a request without credentials gets.
 */
export function createSipSignIn({
  core,
  devices,
  peers,
}: {
  core: Pick<Core, 'bus' | 'log'>;
  devices: Pick<KnownDevices, 'find'>;
  /** Behind them, guesses are counted for the telephone's own address and not for the proxy's. */
  peers: TrustedPeers;
}): SipSignIn {
  const guessing = createGuessing({ name: 'sip', bus: core.bus, policy: devicePolicy });
  const log = core.log.child({ part: 'sip' });
  const cameFrom = new WeakMap<SipRequest, string>();
  /** Addresses that were held up lately, and until when. */
  const heldUp = new Map<string, number>();

  return {
    async authenticate(request, _realm, flow) {
      cameFrom.set(request, peers.areAt(flow) ? originOf(request, flow, peers.has) : flow.remote.address);
      return null;
    },
    async credentials({ realm, username, isUserhash, algorithm, request }) {
      const address = cameFrom.get(request) ?? '';
      // One account has one count of wrong tries, whether it is named or hashed, and so has one that there is not.
      const hash = isUserhash
        ? username
        : createUserhash('SHA-256', username.slice(0, 100), realm.slice(0, 253));
      const target = `sip:${hash}`;
      // A try counts as wrong until it is judged. An office whose telephones all come back at once must not look like a
      // guesser while the database is asked about the first of them, so that is done before the try begins; but not for an
      // address that is held up, which shall cost nothing.
      const isSuspect = (heldUp.get(address) ?? 0) > Date.now();
      const early = isSuspect ? begin(target, address) : undefined;
      const found = await devices.find({ realm, username, isUserhash, algorithm });
      const attempt = early ?? begin(target, address);
      if (!found) return null;
      const principal: Principal = {
        orgId: found.orgId,
        personId: found.personId,
        deviceId: found.deviceId,
      };
      return {
        ha1: found.ha1,
        principal,
        // Stale is the right secret with an old nonce (RFC 7616 §3.3): the next try brings a new one.
        judged: (verdict) => {
          if (verdict.signedIn || verdict.stale) attempt.succeeded();
        },
      };
    },
    close: () => guessing.close(),
  };

  function begin(target: string, ip: string) {
    try {
      return guessing.begin({ target, ip });
    } catch (error) {
      if (!(error instanceof TooManyTries)) throw error;
      const seconds = error.retryAfterSeconds ?? 60;
      if (heldUp.size >= maxHeldUp) heldUp.clear();
      heldUp.set(ip, Date.now() + seconds * 1000);
      log.info({ address: ip, seconds }, 'a sign-in is held up after too many wrong ones');
      if (error.at === 'account') throw new SipRefusal(403, 'Forbidden');
      throw new SipRefusal(503, 'Service Unavailable', [['retry-after', String(seconds)]]);
    }
  }
}
