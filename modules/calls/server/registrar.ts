import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import { type RegisteredContact, type Registration, SipRefusal } from '@liaison/sip';
import { telephonesChanged } from '../contract/index.ts';
import type { GoneFrom } from './across-organisations.ts';
import {
  type AskedRegistration,
  type FlowOwner,
  type Principal,
  type Registered,
  register,
  registeredDevices,
  registerTogether,
} from './registrations.ts';
import { createRenewals } from './renewals.ts';

/** The registrar of this process: what telephones' REGISTERs write, and what follows from it. */
export interface Registrar {
  /** Answers after the commit that holds it. */
  register(principal: Principal, registration: Registration, owner: FlowOwner): Promise<RegisteredContact[]>;
  /** These have lost registrations: who has none left is reached by no telephone any more. */
  release(gone: readonly GoneFrom[]): Promise<void>;
  /** REGISTERs that wait for their turn. */
  readonly waiting: number;
  settled(): Promise<void>;
}

/** So many are written in one transaction at most. */
const longestBatch = 200;
/** Somebody's claim outlasts her registrations by so much, so that not each refresh has to renew it; what deletes the last registration ends it. */
const claimSlackMs = 30 * 60_000;
/** When and from where a device was seen is written so often at most, unless it has moved. */
const seenEveryMs = 10 * 60_000;
/** Devices whose claim and last sight are remembered; who is forgotten costs one write more. */
const maxRemembered = 100_000;
const maxSightings = 20_000;
/** So many of them are written in one transaction. */
const sightingsTogether = 50;

interface Waiting extends AskedRegistration {
  resolve(registered: Registered): void;
  reject(error: unknown): void;
}

/**
 * Registrations of an organisation that come while one is being written wait and are written together: when all
 * telephones come back after a power cut, a hundred of them cost little more than one. One that comes alone waits for
 * nothing.
 */
export function createRegistrar({
  core,
  people,
  reach,
}: {
  core: Core;
  people: People;
  reach: Reach;
}): Registrar {
  const { db, live } = core;
  const log = core.log.child({ part: 'sip' });
  /** By organisation; present while somebody works on it. */
  const queues = new Map<string, Waiting[]>();
  const remembered = new Map<string, { claimedUntilMs: number; address: string; seenAtMs: number }>();
  const sightings: Parameters<People['deviceSeen']>[0][] = [];
  let seeing: Promise<void> | undefined;
  const working = new Set<Promise<void>>();
  const renewals = createRenewals();

  /** What is claimed of a device, one after another: an earlier release must not end a later claim. */
  const claiming = new Map<string, Promise<unknown>>();
  function inOrder<T>(deviceId: string, work: () => Promise<T>): Promise<T> {
    const before = claiming.get(deviceId);
    const next = before ? before.then(work, work) : work();
    // Whoever asked for it hears of its failure by `next`; the one behind goes on.
    const settled = next
      .catch(() => {})
      .finally(() => {
        if (claiming.get(deviceId) === settled) claiming.delete(deviceId);
      });
    claiming.set(deviceId, settled);
    return next;
  }

  /** Her open pages look at their list of telephones again. */
  const tell = ({ personId }: { personId: string }) =>
    live.signal({ personIds: [personId] }, telephonesChanged, {});

  const refOf = (deviceId: string) => `device:${deviceId}`;

  function written(asked: AskedRegistration): Promise<Registered> {
    return new Promise((resolve, reject) => {
      const { orgId } = asked.principal;
      const waiting: Waiting = { ...asked, resolve, reject };
      const queue = queues.get(orgId);
      if (queue) {
        queue.push(waiting);
        return;
      }
      const mine = [waiting];
      queues.set(orgId, mine);
      const work = write(orgId, mine).finally(() => working.delete(work));
      working.add(work);
    });
  }

  async function write(orgId: string, queue: Waiting[]): Promise<void> {
    // What has been received already joins the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const batch = queue.splice(0, longestBatch);
      const left = await renew(orgId, batch);
      if (left.length > 0) await writeTogether(orgId, left);
    }
    queues.delete(orgId);
  }

  /** Answers those that only put off an end; what is left has to be looked at. */
  async function renew(orgId: string, batch: readonly Waiting[]): Promise<Waiting[]> {
    const outcomes = await renewals.renewTogether(db, orgId, batch).catch((error: Error) => {
      log.warn({ err: error }, 'registrations could not be renewed together');
      return [];
    });
    return batch.filter(({ resolve }, at) => {
      const outcome = outcomes[at];
      if (outcome) resolve(outcome);
      return !outcome;
    });
  }

  async function writeTogether(orgId: string, batch: readonly Waiting[]): Promise<void> {
    const written = (waiting: Waiting, registered: Registered): void => {
      renewals.wrote(waiting, registered);
      waiting.resolve(registered);
    };
    try {
      const outcomes = await registerTogether(db, orgId, batch);
      batch.forEach((waiting, at) => {
        const outcome = outcomes[at]!;
        if (outcome instanceof SipRefusal) waiting.reject(outcome);
        else written(waiting, outcome);
      });
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      // It may concern one of them only: each gets its own answer.
      else {
        for (const waiting of batch) {
          const { principal, registration, owner } = waiting;
          await register(db, principal, registration, owner).then(
            (registered) => written(waiting, registered),
            waiting.reject,
          );
        }
      }
    }
  }

  /** Many telephones that come or go at once share transactions. */
  async function claim(
    whose: { orgId: string; personId: string; deviceId: string },
    expiresAtMs: number,
  ): Promise<number> {
    const claimedUntilMs = expiresAtMs + claimSlackMs;
    const wanted = {
      orgId: whose.orgId,
      personId: whose.personId,
      kind: 'telephone',
      ref: refOf(whose.deviceId),
      until: new Date(claimedUntilMs),
      // UDP registrations outlive a restart of ours: the telephone is still there.
      lasting: true,
    } as const;
    await inOrder(whose.deviceId, () => db.shared(() => reach.claim(wanted)));
    return claimedUntilMs;
  }

  function giveBack({ orgId, personId, deviceId }: { orgId: string; personId: string; deviceId: string }) {
    const held = { orgId, personId, kind: 'telephone', ref: refOf(deviceId) } as const;
    return inOrder(deviceId, () => db.shared(() => reach.release(held)));
  }

  function see(sighting: (typeof sightings)[number]): void {
    if (sightings.length >= maxSightings) return;
    sightings.push(sighting);
    // One transaction at a time: nobody waits for it, and registrations have the connections first.
    seeing ??= (async () => {
      while (sightings.length > 0) {
        const together = sightings.splice(0, sightingsTogether);
        await Promise.all(
          together.map((each) =>
            db
              .shared(() => people.deviceSeen(each))
              .catch((error: Error) => log.warn({ err: error }, 'when a device was seen could not be kept')),
          ),
        );
      }
    })().finally(() => {
      seeing = undefined;
    });
  }

  return {
    async register(principal, registration, owner) {
      const { orgId, deviceId } = principal;
      const { contacts, bindings, isRefresh } = await written({ principal, registration, owner });
      if (!isRefresh) tell(principal);
      const before = remembered.get(deviceId);
      remembered.delete(deviceId);
      if (bindings.length === 0) {
        await giveBack(principal);
        return contacts;
      }
      const expiresAtMs = Math.max(...bindings.map((binding) => binding.expiresAtMs));
      const { address } = registration.flow.remote;
      const nowMs = Date.now();
      const isSeen =
        before !== undefined && before.address === address && nowMs - before.seenAtMs < seenEveryMs;
      // Only while nothing but the end has changed is it certain that nobody released the claim in between.
      const isClaimed = isRefresh && before !== undefined && before.claimedUntilMs >= expiresAtMs;
      remembered.set(deviceId, {
        address,
        seenAtMs: isSeen ? before.seenAtMs : nowMs,
        claimedUntilMs: isClaimed ? before.claimedUntilMs : await claim(principal, expiresAtMs),
      });
      if (remembered.size > maxRemembered) remembered.delete(remembered.keys().next().value!);
      if (!isSeen) see({ orgId, deviceId, address, userAgent: registration.userAgent ?? '' });
      return contacts;
    },
    async release(gone) {
      const without = gone.filter(({ left }) => left === 0);
      await Promise.all(without.map(giveBack));
      for (const each of gone) tell(each);
      // One that came back in between made its claim before this release: it is made again.
      for (const orgId of new Set(without.map((each) => each.orgId))) {
        const deviceIds = without.filter((each) => each.orgId === orgId).map(({ deviceId }) => deviceId);
        const back = await db.read(orgId, (tx) => registeredDevices(tx, deviceIds));
        for (const [deviceId, { personId, expiresAt }] of back) {
          await claim({ orgId, personId, deviceId }, expiresAt.getTime());
        }
      }
    },
    get waiting() {
      let count = 0;
      for (const queue of queues.values()) count += queue.length;
      return count;
    },
    async settled() {
      sightings.length = 0;
      await Promise.all([...working, seeing]);
    },
  };
}
