import type { Bus } from '@liaison/core/bus';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Reach, ReachState } from '@liaison/reach';
import type { IncomingSubscription, NotifyBody, SipUri } from '@liaison/sip';
import { whoIsDialled } from '../dial-plan.ts';
import type { Principal } from '../registrations.ts';
import { writeDialogInfo } from './dialog-info.ts';
import { writePidf } from './pidf.ts';

/** What telephones may watch: the lamp of a line (RFC 4235), presence (RFC 3856), messages that wait (RFC 3842). */
export const eventPackages = ['dialog', 'presence', 'message-summary'] as const;

export interface Lamps {
  /** A signed-in telephone wants to be told of somebody's line. */
  subscribe(subscription: IncomingSubscription, principal: Principal): Promise<void>;
  /** Subscriptions that this process serves. */
  readonly watched: number;
  /** Hears no more; the subscriptions themselves end with their user agent. */
  close(): void;
}

/** On the bus: telephones that may not sign in any more. */
const forgottenSubject = 'calls.devices-forgotten';

/** Puts out what these telephones watch, in every process. */
export const putOutLamps = (bus: Bus, deviceIds: readonly string[]): void =>
  bus.publish(forgottenSubject, deviceIds);

interface Watch {
  readonly orgId: string;
  readonly deviceId: string;
  readonly personId: string;
  readonly subscription: IncomingSubscription;
  state: ReachState;
  /** The question that gave the state; answers to earlier ones come too late. */
  asked: number;
}

/**
 * The lamps and contact lists of desk telephones, fed by the one truth about who can be reached. Subscriptions live
 * in the process that holds the telephone's flow and end with it; a telephone subscribes anew when it registers anew.
 * Everybody of an organisation may watch everybody of it, as its pages do; nobody of another can be told from nobody.
 */
export function createLamps({ core, people, reach }: { core: Core; people: People; reach: Reach }): Lamps {
  const { db, log } = core;
  const watches = new Map<string, Set<Watch>>();
  const keyOf = (orgId: string, personId: string) => `${orgId} ${personId}`;
  let questions = 0;

  async function refresh(orgId: string, personIds: readonly string[]): Promise<void> {
    const watched = personIds.filter((personId) => watches.has(keyOf(orgId, personId)));
    if (watched.length === 0) return;
    questions += 1;
    const asked = questions;
    const states = await reach.statesOf(orgId, watched);
    for (const personId of watched) {
      for (const watch of watches.get(keyOf(orgId, personId)) ?? []) {
        const state = states.get(personId)?.state ?? 'offline';
        if (asked < watch.asked) continue;
        watch.asked = asked;
        if (watch.state === state) continue;
        watch.state = state;
        watch.subscription.changed();
      }
    }
  }

  const unhear = reach.onChanged((orgId, personIds) => {
    refresh(orgId, personIds).catch((error: Error) => log.warn({ err: error }, 'lamps could not be changed'));
  });

  const unhearForgotten = core.bus.subscribe(forgottenSubject, (data) => {
    const deviceIds = new Set(data as string[]);
    for (const watch of [...watches.values()].flatMap((set) => [...set])) {
      if (deviceIds.has(watch.deviceId)) watch.subscription.terminate('rejected');
    }
  });

  function forget(watch: Watch): void {
    const key = keyOf(watch.orgId, watch.personId);
    const set = watches.get(key);
    set?.delete(watch);
    if (set?.size === 0) watches.delete(key);
  }

  return {
    async subscribe(subscription, { orgId, deviceId }) {
      const { event, resource } = subscription;
      // The seam of voicemail: until there is any, no message waits for anybody.
      if (event === 'message-summary') {
        return subscription.accept(() => ({
          contentType: 'application/simple-message-summary',
          content: 'Messages-Waiting: no\r\n',
        }));
      }
      const person = await db.read(orgId, (tx) => whoIsDialled(people, tx, dialledOf(resource)));
      if (!person) return subscription.reject(404);
      if (subscription.state === 'ended') return;
      const watch: Watch = { orgId, deviceId, personId: person.id, subscription, state: 'offline', asked: 0 };
      const key = keyOf(orgId, person.id);
      watches.set(key, (watches.get(key) ?? new Set()).add(watch));
      subscription.on = { ended: () => forget(watch) };
      try {
        await refresh(orgId, [person.id]);
      } catch (error) {
        forget(watch);
        throw error;
      }
      const entity = `sip:${person.address}`;
      let version = 0;
      subscription.accept((): NotifyBody => {
        if (event === 'presence') {
          const content = writePidf({ entity, state: watch.state, atMs: Date.now() });
          return { contentType: 'application/pidf+xml', content };
        }
        const content = writeDialogInfo({ entity, version, state: watch.state });
        version += 1;
        return { contentType: 'application/dialog-info+xml', content };
      });
    },
    get watched() {
      let count = 0;
      for (const set of watches.values()) count += set.size;
      return count;
    },
    close() {
      unhear();
      unhearForgotten();
      watches.clear();
    },
  };
}

/** Telephones watch what one would dial: `sip:214@estuaria.example` is the extension, else the address is meant. */
function dialledOf({ user, host }: SipUri): string {
  if (!user) return '';
  return /^\+?[\d*#]+$/.test(user) ? user : `${user}@${host}`;
}
