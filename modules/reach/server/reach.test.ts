import { setTimeout as pause } from 'node:timers/promises';
import { createTestCore, type TestCore } from '@liaison/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Claim, listReachability, setMyReachability } from '../contract/index.ts';
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
  beforeAll(async () => {
    test = await createTestCore({ sources: [migrations] });
    reach = createReach({ core: test.core });
    await test.core.owned.start();
    await reach.expiry.start();
    await test.listen();
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
    const until = new Date(Date.now() + 1200).toISOString();
    const set = await client.call(setMyReachability, { body: { state: 'dnd', until } });
    expect(set.body).toMatchObject({ state: 'dnd', until });
    const end = Date.now() + 5000;
    while ((await stateOf(orgId, alice.id)) === 'dnd') {
      if (Date.now() > end) throw new Error('do-not-disturb did not end');
      await pause(50);
    }
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
    expect(
      (await client.call(setMyReachability, { body: { state: 'dnd', until: '2020-01-01T00:00:00Z' } }))
        .status,
    ).toBe(400);
    expect((await client.call(setMyReachability, { body: { state: 'busy' } })).status).toBe(400);
  });

  it('forgets the claims of a process that is not alive', async () => {
    const { orgId, people } = await test.organisation();
    const alice = people[0]!;
    await test.testDb.admin(
      "insert into reach.claim (org_id, person_id, kind, ref, process_id) values ($1, $2, 'call', 'x', $3)",
      [orgId, alice.id, test.core.ids.next()],
    );
    expect(await stateOf(orgId, alice.id)).toBe('offline');
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
