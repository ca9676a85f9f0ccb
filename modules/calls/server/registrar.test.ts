import { setImmediate as turn } from 'node:timers/promises';
import { createTestCore, type TestCore } from '@liaison/core/testing';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import { type Registration, SipRefusal } from '@liaison/sip';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from './index.ts';
import { createRegistrar, type Registrar } from './registrar.ts';
import { telephonesOf } from './registrations.ts';

let test: TestCore;
let registrar: Registrar;
/** Who is reached by which device, as the claims that were written say. */
let claimed: Set<string>;
let told: string[];
/** What a release waits for before it is written. */
let releases: Promise<void>;
const owner = { processId: '00000000-0000-7000-8000-00000000beef', place: 'udp:192.0.2.1:0.0.0.0:5060' };
const orgId = '00000000-0000-7000-8000-000000000001';

beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
});
afterAll(() => test.close());
beforeEach(() => {
  claimed = new Set();
  told = [];
  releases = Promise.resolve();
  const reach = {
    async claim({ ref }: { ref: string }) {
      told.push(`claim ${ref}`);
      claimed.add(ref);
    },
    async release({ ref }: { ref: string }) {
      await releases;
      told.push(`release ${ref}`);
      claimed.delete(ref);
    },
  } satisfies Partial<Reach> as unknown as Reach;
  const people = { deviceSeen: async () => {} } satisfies Partial<People> as unknown as People;
  registrar = createRegistrar({ core: test.core, people, reach });
});

function telephone() {
  const principal = { orgId, personId: test.core.ids.next(), deviceId: test.core.ids.next() };
  let cseq = 0;
  const register = (changes: Registration['changes'], more: Partial<Registration> = {}) => {
    cseq += 1;
    const flow = { id: 'udp:1', protocol: 'udp', remote: { address: '192.0.2.7', port: 5060 } };
    const registration = { changes, flow, callId: 'one', cseq, ...more } as unknown as Registration;
    return registrar.register(principal, registration, owner);
  };
  const at = (uri: string, expiresSeconds = 600) => ({ uri, expiresSeconds, q: 1, params: '' });
  return {
    ref: `device:${principal.deviceId}`,
    principal,
    add: (uri = 'sip:desk@192.0.2.7', more: Partial<Registration> = {}) =>
      register({ kind: 'update', contacts: [at(uri)] }, more),
    remove: () => register({ kind: 'remove-all' }),
    removeOne: (uri: string) => register({ kind: 'update', contacts: [at(uri, 0)] }),
    stored: () =>
      test.core.db.read(orgId, async (tx) =>
        (await telephonesOf(tx, principal.personId)).map(({ binding }) => binding.uri).sort(),
      ),
  };
}

describe('a registration', () => {
  it('is stored before it is answered, and makes its person reachable', async () => {
    const desk = telephone();
    expect(await desk.add()).toMatchObject([{ uri: 'sip:desk@192.0.2.7' }]);
    expect(await desk.stored()).toEqual(['sip:desk@192.0.2.7']);
    expect(claimed).toContain(desk.ref);
  });

  it('that is only renewed claims nothing anew; the last one that goes ends the claim', async () => {
    const desk = telephone();
    await desk.add();
    await desk.add();
    expect(told).toEqual([`claim ${desk.ref}`]);
    await desk.add('sip:desk@192.0.2.8');
    await desk.removeOne('sip:desk@192.0.2.7');
    expect(claimed).toContain(desk.ref);
    expect(await desk.removeOne('sip:desk@192.0.2.8')).toEqual([]);
    expect(claimed).not.toContain(desk.ref);
  });

  it('tells the pages of its person when the list of her telephones has become another, and not when it is only renewed', async () => {
    const desk = telephone();
    const pages: unknown[] = [];
    const stop = test.core.bus.subscribe('live.signal', (message) => pages.push(message));
    const ofHers = { target: { personIds: [desk.principal.personId] }, name: 'calls.telephones' };
    await desk.add();
    await desk.add();
    expect(pages).toMatchObject([ofHers]);
    await desk.remove();
    expect(pages).toMatchObject([ofHers, ofHers]);
    stop();
  });

  it('older than the one before (RFC 3261 §10.3 step 7) and the eleventh of a device are refused, and change nothing', async () => {
    const desk = telephone();
    for (let port = 1; port <= 10; port++) await desk.add(`sip:desk@192.0.2.7:${port}`);
    const before = await desk.stored();
    await expect(desk.add('sip:desk@192.0.2.7:11')).rejects.toBeInstanceOf(SipRefusal);
    await expect(desk.add('sip:desk@192.0.2.7:1', { cseq: 1 })).rejects.toBeInstanceOf(SipRefusal);
    expect(await desk.stored()).toEqual(before);
  });

  it('that is refused does not fail those which are written with it', async () => {
    const [good, bad] = [telephone(), telephone()];
    await bad.add();
    const outcomes = await Promise.allSettled([
      good.add(),
      bad.add(undefined, { cseq: 1 }),
      telephone().add(),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await good.stored()).toHaveLength(1);
  });

  it('of a hundred telephones at once is each its own', async () => {
    const all = Array.from({ length: 100 }, telephone);
    const answers = await Promise.all(
      all.map((each) => each.add(`sip:${each.principal.deviceId}@192.0.2.7`)),
    );
    expect(answers.map(([contact]) => contact?.uri)).toEqual(
      all.map(({ principal }) => `sip:${principal.deviceId}@192.0.2.7`),
    );
    expect(all.every(({ ref }) => claimed.has(ref))).toBe(true);
    expect(registrar.waiting).toBe(0);
  });
});

describe('who is reachable when a telephone comes and goes at once', () => {
  it('is who registered last, however long the release of the one before takes', async () => {
    const desk = telephone();
    await desk.add();
    let letGo = () => {};
    releases = new Promise((resolve) => {
      letGo = resolve;
    });
    const both = Promise.all([desk.remove(), desk.add()]);
    while ((await desk.stored()).length === 0 || registrar.waiting > 0) await turn();
    letGo();
    await both;
    expect(await desk.stored()).toHaveLength(1);
    expect(claimed).toContain(desk.ref);
  });

  it('stays so when it is back before its end was noticed', async () => {
    const desk = telephone();
    await desk.add();
    const { deviceId, personId } = desk.principal;
    await registrar.release([{ orgId, deviceId, personId, left: 0 }]);
    expect(claimed).toContain(desk.ref);
    await desk.remove();
    await registrar.release([{ orgId, deviceId, personId, left: 0 }]);
    expect(claimed).not.toContain(desk.ref);
    const other = telephone();
    await other.add();
    await registrar.release([{ orgId, deviceId: other.principal.deviceId, personId, left: 1 }]);
    expect(claimed).toContain(other.ref);
  });
});
