import { randomUUID } from 'node:crypto';
import type { FromServer, PersonActor } from '@liaison/core/contract';
import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Claim,
  listReachability,
  type Reachability,
  reachChanged,
  setMyReachability,
} from '../contract/index.ts';
import { deleteClaim, setClaim } from './actions/set-claim.ts';
import { setMyState } from './actions/set-my-state.ts';
import { computeState, type HeldClaim } from './compute-state.ts';
import { createReach, migrations, type ReachModule } from './index.ts';
import { personalData } from './personal-data.ts';

const held = (kind: HeldClaim['kind'], more: Partial<HeldClaim> = {}): HeldClaim => ({
  kind,
  idle: false,
  since: new Date('2026-05-14T10:00:00Z'),
  until: null,
  ...more,
});

describe('the computed state', () => {
  it.each([
    [[], 'offline'],
    [['connection'], 'free'],
    [['telephone'], 'free'],
    [['connection', 'away'], 'away'],
    [['connection', 'away', 'dnd'], 'dnd'],
    [['dnd', 'meeting', 'connection'], 'meeting'],
    [['meeting', 'call', 'dnd'], 'call'],
    [['call', 'ringing'], 'ringing'],
    [['dnd'], 'dnd'],
  ] as const)('of %j is %s', (kinds, state) => {
    expect(
      computeState(
        'p',
        kinds.map((kind) => held(kind)),
      ).state,
    ).toBe(state);
  });
  it('is away when every page is idle, free when a telephone is there as well', () => {
    expect(computeState('p', [held('connection', { idle: true })]).state).toBe('away');
    expect(computeState('p', [held('connection', { idle: true }), held('telephone')]).state).toBe('free');
  });
  it('names the end only where every claim of that kind has one', () => {
    const until = new Date('2026-05-14T13:00:00Z');
    expect(computeState('p', [held('dnd', { until })]).until).toBe(until.toISOString());
    expect(computeState('p', [held('dnd', { until }), held('dnd')]).until).toBeNull();
    expect(computeState('p', [held('telephone', { until })]).until).toBeNull();
  });
});

describe('reach', () => {
  let test: TestCore;
  let reach: ReachModule;
  let url: string;
  beforeAll(async () => {
    test = await createTestCore({ sources: [migrations] });
    reach = createReach({ core: test.core });
    await test.core.owned.start();
    await test.core.live.start();
    await reach.expiry.start();
    url = await test.listen();
  });
  afterAll(async () => {
    await reach.expiry.stop();
    await test.close();
  });

  const stateOf = async (orgId: string, id: string) => (await reach.statesOf(orgId, [id])).get(id)?.state;

  it('follows claims and releases, and shows nothing of another organisation', async () => {
    const { orgId, people } = await test.organisation();
    const other = await test.organisation();
    const [alice, bob] = people as [(typeof people)[0], (typeof people)[0]];
    const claim: Claim = { orgId, personId: bob.id, kind: 'call', ref: 'call-1' };
    await reach.claim(claim);
    const seen = await test.client(alice).call(listReachability);
    expect(seen.body.rows).toMatchObject([{ personId: bob.id, state: 'call' }]);
    expect((await test.client(other.people[0]).call(listReachability)).body.rows).toEqual([]);
    await reach.release(claim);
    expect(await stateOf(orgId, bob.id)).toBe('offline');
    expect((await test.client().call(listReachability)).status).toBe(401);
  });

  it('keeps do-not-disturb until its time, then takes it back by itself', async () => {
    const { orgId, people } = await test.organisation();
    const alice = people[0]!;
    const client = test.client(alice);
    const until = new Date(Date.now() + 2500).toISOString();
    const set = await client.call(setMyReachability, { body: { state: 'dnd', until } });
    expect(set.body).toMatchObject({ state: 'dnd', until });
    await expect.poll(() => stateOf(orgId, alice.id), { timeout: 15_000 }).not.toBe('dnd');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
    expect(
      (await client.call(setMyReachability, { body: { state: 'dnd', until: '2020-01-01T00:00:00Z' } }))
        .status,
    ).toBe(400);
    expect((await client.call(setMyReachability, { body: { state: 'busy' } })).status).toBe(400);
  });

  /** What stands in the table, whether or not it still counts. */
  async function kept(personId: string): Promise<string[]> {
    const rows = await test.testDb.admin('select kind from reach.claim where person_id = $1 order by kind', [
      personId,
    ]);
    return rows.map((row) => String(row.kind));
  }

  it('clears away what has ended and what dead processes claimed, and nothing else', async () => {
    const { orgId, people } = await test.organisation();
    const personId = people[0]!.id;
    const put = (kind: string, processId: string | null, ends: string | null) =>
      test.testDb.admin(
        'insert into reach.claim (org_id, person_id, kind, ref, process_id, until) values ($1, $2, $3, $3, $4, $5)',
        [orgId, personId, kind, processId, ends],
      );
    await put('meeting', randomUUID(), null);
    // Not asked of the sweep: a dead process's claim counts for nothing from the first moment.
    expect(await stateOf(orgId, personId)).toBe('offline');
    await reach.claim({ orgId, personId, kind: 'call', ref: 'lives' });
    await put('telephone', null, new Date(Date.now() + 3_600_000).toISOString());
    await put('away', null, null);
    await put('dnd', null, new Date(Date.now() - 1000).toISOString());
    await expect.poll(() => kept(personId), { timeout: 15_000 }).toEqual(['away', 'call', 'telephone']);
  });

  /** An open page: the states that it is told, in their order. */
  async function openPage(person: TestPerson): Promise<{ told: Reachability[]; close(): void }> {
    // Node's own WebSocket takes headers, which a browser's does not and its types do not name.
    const options = { headers: { cookie: `test=${person.sessionId}`, origin: url } } as unknown as string[];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`, options);
    const told: Reachability[] = [];
    const welcomed = new Promise<void>((resolve, reject) => {
      socket.addEventListener('error', () => reject(new Error('the live socket was refused')));
      socket.addEventListener('open', () => socket.send(JSON.stringify({ t: 'hello', v: 1, positions: {} })));
      socket.addEventListener('message', ({ data }) => {
        const message = JSON.parse(String(data)) as FromServer;
        if (message.t === 'welcome') resolve();
        if (message.t === 'signal' && message.name === reachChanged.name)
          told.push(message.data as Reachability);
      });
    });
    await welcomed;
    return { told, close: () => socket.close() };
  }

  it('shows guests those with whom they share a space, and tells them of nobody else', async () => {
    const { orgId, people } = await test.organisation(['owner', 'member', 'guest', 'guest']);
    const [owner, colleague, guest, stranger] = people as [TestPerson, TestPerson, TestPerson, TestPerson];
    const space = await test.core.db.transaction(orgId, (tx) =>
      test.core.spaces.create(tx, {
        kind: 'team',
        name: 'Port study',
        members: [colleague, guest].map(({ id }) => ({ personId: id, role: 'member' as const })),
      }),
    );
    const pages = { owner: await openPage(owner), guest: await openPage(guest) };
    const call = (personId: string): Claim => ({ orgId, personId, kind: 'call', ref: 'call-1' });
    for (const { id } of people) await reach.claim(call(id));
    const inCall = (told: readonly Reachability[]) => [
      ...new Set(told.filter(({ state }) => state === 'call').map(({ personId }) => personId)),
    ];
    await expect.poll(() => inCall(pages.owner.told).length, { timeout: 10_000 }).toBe(4);
    await expect.poll(() => inCall(pages.guest.told).length, { timeout: 10_000 }).toBe(2);
    const dnd = { state: 'dnd' };
    await test.client(owner).call(setMyReachability, { body: dnd });
    await test.client(guest).call(setMyReachability, { body: dnd });
    await reach.release(call(owner.id));
    await reach.release(call(guest.id));
    await expect
      .poll(() => pages.guest.told.at(-1), { timeout: 10_000 })
      .toMatchObject({ personId: guest.id, state: 'dnd' });
    expect(new Set(pages.guest.told.map(({ personId }) => personId))).toEqual(
      new Set([colleague.id, guest.id]),
    );

    const seen = async (person: TestPerson) =>
      (await test.client(person).call(listReachability)).body.rows.map(({ personId }) => personId).sort();
    expect(await seen(guest)).toEqual([colleague.id, guest.id].sort());
    expect(await seen(stranger)).toEqual([stranger.id]);
    expect(await seen(owner)).toEqual(people.map(({ id }) => id).sort());
    await test.core.db.transaction(orgId, (tx) => test.core.spaces.removeMember(tx, space.id, colleague.id));
    expect(await seen(guest)).toEqual([guest.id]);
    for (const page of Object.values(pages)) page.close();
  });

  it('keeps and shows the later of two changes that two pages of one person make at once', async () => {
    const { orgId, people } = await test.organisation();
    const alice = people[0]!;
    const actor = { kind: 'person', orgId, personId: alice.id, role: 'owner' } as unknown as PersonActor;
    const chosen = (state: 'dnd' | 'away', before = async (): Promise<void> => {}) =>
      test.core.db.transaction(orgId, async (tx) => {
        await setMyState(tx, actor, { state, until: null }, test.core.owned.processId);
        await before();
      });
    let second: Promise<unknown> | undefined;
    await chosen('dnd', async () => {
      second = chosen('away');
      // It waits, or (were there nothing to wait for) is done before the first is.
      const waits = async () => {
        const rows = await test.testDb.admin(
          "select 1 from pg_locks where locktype = 'advisory' and not granted",
        );
        return rows.length > 0;
      };
      const isDone = second.then(() => true);
      await expect
        .poll(async () => (await waits()) || Promise.race([isDone, false]), { timeout: 10_000 })
        .toBe(true);
    });
    await second;
    expect(await kept(alice.id)).toEqual(['away']);

    const page = await openPage(alice);
    const client = test.client(alice);
    for (let round = 0; round < 5; round++)
      await Promise.all(
        (['dnd', 'free', 'away'] as const).map((state) =>
          client.call(setMyReachability, { body: { state } }),
        ),
      );
    const { body } = await client.call(setMyReachability, { body: { state: 'dnd' } });
    expect(body.state).toBe('dnd');
    await expect.poll(() => page.told.at(-1)?.state, { timeout: 10_000 }).toBe('dnd');
    expect((await kept(alice.id)).filter((kind) => kind !== 'connection')).toEqual(['dnd']);
    page.close();
  });

  it('says whether one thing is claimed, also where a stronger one hides it, until its end', async () => {
    const { orgId, people } = await test.organisation();
    const personId = people[0]!.id;
    const dnd = { orgId, personId, kind: 'dnd', ref: 'by-hand' } as const;
    expect(await reach.holds(dnd)).toBe(false);
    await reach.claim({ ...dnd, lasting: true });
    await reach.claim({ orgId, personId, kind: 'call', ref: 'call:1' });
    expect(await stateOf(orgId, personId)).toBe('call');
    expect(await reach.holds(dnd)).toBe(true);
    expect(await reach.holds({ ...dnd, kind: 'away' })).toBe(false);
    await reach.claim({ ...dnd, lasting: true, until: new Date(Date.now() - 1000) });
    expect(await reach.holds(dnd)).toBe(false);
    await reach.release({ orgId, personId, kind: 'call', ref: 'call:1' });
    await reach.release(dnd);
  });

  it('writes what is claimed and given back at the same moment in one go, the last word of each', async () => {
    const { orgId, people } = await test.organisation(['owner', 'member']);
    const [alice, bob] = people.map(({ id }) => id) as [string, string];
    const call = (personId: string, ref: string) => ({ orgId, personId, kind: 'call', ref }) as const;
    await reach.claim(call(alice, 'one'));
    const [{ since } = { since: null }] = await test.testDb.admin(
      'select since from reach.claim where person_id = $1',
      [alice],
    );
    let statements = 0;
    await test.core.db.transaction(orgId, async (tx) => {
      const counted = Object.create(tx, {
        query: {
          value: (...asked: Parameters<typeof tx.query>) => {
            statements += 1;
            return tx.query(...asked);
          },
        },
      }) as typeof tx;
      const { processId } = test.core.owned;
      await Promise.all([
        deleteClaim(counted, call(bob, 'one')),
        setClaim(counted, call(bob, 'one'), processId),
        setClaim(counted, call(alice, 'one'), processId),
        setClaim(counted, call(alice, 'two'), processId),
        deleteClaim(counted, call(alice, 'two')),
      ]);
    });
    expect(statements).toBe(1);
    const rows = await test.testDb.admin(
      'select person_id, ref, since from reach.claim where person_id = any($1) order by person_id = $2, ref',
      [[alice, bob], bob],
    );
    expect(rows).toEqual([
      { person_id: alice, ref: 'one', since },
      { person_id: bob, ref: 'one', since: expect.any(Date) },
    ]);
    await Promise.all([reach.release(call(alice, 'one')), reach.release(call(bob, 'one'))]);
    expect(await stateOf(orgId, alice)).toBe('offline');
  });

  it('erases a person twice without harm', async () => {
    const { orgId, people } = await test.organisation();
    const alice = people[0]!;
    await reach.claim({ orgId, personId: alice.id, kind: 'dnd', ref: 'by-hand', lasting: true });
    for (let run = 0; run < 2; run++) {
      await test.core.db.transaction(orgId, (tx) => personalData.erase(tx, alice.id));
    }
    expect(await stateOf(orgId, alice.id)).toBe('offline');
  });
});
