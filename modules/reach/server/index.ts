import type { MigrationSource } from '@liaison/core/db';
import type { Core, Service } from '@liaison/core/floor';
import {
  type Claim,
  listReachability,
  type Reach,
  reachChanged,
  setIdle,
  setMyReachability,
} from '../contract/index.ts';
import { deleteClaimsOf, deleteEndedClaims, type Freed } from './across-organisations.ts';
import { deleteClaim, setClaim } from './actions/set-claim.ts';
import { setMyState } from './actions/set-my-state.ts';
import { createGather } from './gather.ts';
import { isHeld, isPageUsed, readStates, readStatesFor } from './queries.ts';
import { createTellGuests } from './tell-guests.ts';

export { createNumbers } from './numbers/index.ts';
export { personalData } from './personal-data.ts';

export const migrations: MigrationSource = {
  schema: 'reach',
  folder: new URL('./migrations/', import.meta.url),
};

/** On the bus: whose state may have changed. */
const changedSubject = 'reach.changed';

/** Changes of an organisation's people within this time are told together. */
const gatherMs = 100;

export interface ReachModule extends Reach {
  /** Ends claims whose time has come; duty `worker`, harmless in several processes. */
  readonly expiry: Service;
}

/**
 * Claims come in from live connections (here), calls, registrations and people themselves; states go out to every page
 * of the organisation as signals.
 */
export function createReach({ core }: { core: Core }): ReachModule {
  const { db, live, http, owned, log, bus } = core;

  /** Pages that are open in this process, by organisation. */
  const pages = new Map<string, number>();
  live.onOpen(({ actor: { orgId } }) => void pages.set(orgId, (pages.get(orgId) ?? 0) + 1));
  live.onClose(({ actor: { orgId } }) => {
    const left = (pages.get(orgId) ?? 0) - 1;
    if (left > 0) pages.set(orgId, left);
    else pages.delete(orgId);
  });
  /** Where other processes hold pages too nobody here knows. A page that opens asks by itself. */
  const mayHavePages = (orgId: string): boolean => bus.shared || pages.has(orgId);

  /** States are read after the commit that changed them, so a late reader can only repeat the truth. */
  const gather = createGather(
    gatherMs,
    async (orgId, personIds) => {
      if (mayHavePages(orgId)) {
        const states = await db.read(orgId, (tx) => readStates(tx, personIds));
        live.signalAll({ orgId, guests: false }, reachChanged, [...states.values()]);
      }
      bus.publish(changedSubject, { orgId, personIds: [...personIds] } satisfies Freed);
    },
    (error) => log.warn({ err: error }, 'a changed state could not be told'),
  );
  function tell({ orgId, personIds }: Freed): void {
    gather.add(orgId, personIds);
  }

  const tellGuests = createTellGuests(core, gatherMs, (error) =>
    log.warn({ err: error }, 'a changed state could not be told to guests'),
  );
  // Until the bus closes: every process may hold pages of guests.
  bus.subscribe(changedSubject, (data) => {
    const { orgId, personIds } = data as Freed;
    tellGuests.add(orgId, personIds);
  });

  async function claim(wanted: Claim): Promise<void> {
    await db.transaction(wanted.orgId, (tx) => setClaim(tx, wanted, owned.processId));
    tell({ orgId: wanted.orgId, personIds: [wanted.personId] });
  }

  async function release(held: Pick<Claim, 'orgId' | 'personId' | 'kind' | 'ref'>): Promise<void> {
    await db.transaction(held.orgId, (tx) => deleteClaim(tx, held));
    tell({ orgId: held.orgId, personIds: [held.personId] });
  }

  /** One connection's claims one after another, so that a close never overtakes its open. */
  const underWay = new Map<string, Promise<void>>();
  function inOrder(ref: string, work: () => Promise<void>): void {
    const before = underWay.get(ref) ?? Promise.resolve();
    const next = before
      .then(work)
      .catch((error: Error) => log.warn({ err: error, ref }, 'a claim could not be written'))
      .finally(() => {
        if (underWay.get(ref) === next) underWay.delete(ref);
      });
    underWay.set(ref, next);
  }

  live.onOpen(({ id, actor }) =>
    inOrder(id, () => claim({ orgId: actor.orgId, personId: actor.personId, kind: 'connection', ref: id })),
  );
  live.onClose(({ id, actor }) =>
    inOrder(id, () => release({ orgId: actor.orgId, personId: actor.personId, kind: 'connection', ref: id })),
  );
  live.command(setIdle, async ({ actor, connectionId }, { idle }) => {
    inOrder(connectionId, () =>
      claim({ orgId: actor.orgId, personId: actor.personId, kind: 'connection', ref: connectionId, idle }),
    );
    return {};
  });

  http.route(listReachability, async ({ actor }) => ({
    rows: await db.read(actor.orgId, (tx) => readStatesFor(tx, actor)),
  }));
  http.route(setMyReachability, async ({ actor, body }) => {
    const { orgId, personId } = actor;
    const wish = { state: body.state, until: body.until === null ? null : new Date(body.until) };
    const state = await db.transaction(orgId, async (tx) => {
      await setMyState(tx, actor, wish, owned.processId);
      return (await readStates(tx, [personId])).get(personId)!;
    });
    // Read anew, behind what is being told: what another page of hers chose may be newer, and told already.
    tell({ orgId, personIds: [personId] });
    return state;
  });

  const tellAll = (freed: readonly Freed[]) => {
    for (const each of freed) tell(each);
  };
  owned.onProcessLost((processId) => {
    deleteClaimsOf(db, processId)
      .then(tellAll)
      .catch((error: Error) => log.warn({ err: error }, 'claims of a lost process could not be deleted'));
  });

  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> | undefined;
  return {
    claim,
    release,
    holds: (claim) => db.read(claim.orgId, (tx) => isHeld(tx, claim)),
    usesPage: (orgId, personId) => db.read(orgId, (tx) => isPageUsed(tx, personId)),
    statesOf: (orgId, personIds) => db.read(orgId, (tx) => readStates(tx, personIds)),
    onChanged: (handler) =>
      bus.subscribe(changedSubject, (data) => {
        const { orgId, personIds } = data as Freed;
        handler(orgId, personIds);
      }),
    expiry: {
      name: 'reach.expiry',
      async start() {
        timer = setInterval(() => {
          sweeping ??= deleteEndedClaims(db)
            .then(tellAll)
            .catch((error: Error) =>
              log.warn({ err: error }, 'ended claims could not be deleted; trying again'),
            )
            .finally(() => {
              sweeping = undefined;
            });
        }, 500);
      },
      async stop() {
        clearInterval(timer);
        await sweeping;
        await Promise.all(underWay.values());
        await gather.settled();
        await tellGuests.settled();
      },
    },
  };
}
