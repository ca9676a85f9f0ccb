import { setImmediate as turn } from 'node:timers/promises';
import { createTestCore, type TestCore } from '@liaison/core/testing';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import { type Registration, SipRefusal } from '@liaison/sip';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from './index.ts';
import { createRegistrar, type Registrar } from './registrar.ts';
import { type AskedRegistration, register, telephonesOf } from './registrations.ts';
import { createRenewals } from './renewals.ts';

let test: TestCore;
let registrar: Registrar;
let reach: Reach;
let people: People;
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
  reach = {
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
  people = { deviceSeen: async () => {} } satisfies Partial<People> as unknown as People;
  registrar = createRegistrar({ core: test.core, people, reach });
});

function telephone() {
  const principal = { orgId, personId: test.core.ids.next(), deviceId: test.core.ids.next() };
  let cseq = 0;
  const asking = (changes: Registration['changes'], more: Partial<Registration> = {}): AskedRegistration => {
    cseq += 1;
    const flow = { id: 'udp:1', protocol: 'udp', remote: { address: '192.0.2.7', port: 5060 } };
    const registration = { changes, flow, callId: 'one', cseq, ...more } as unknown as Registration;
    return { principal, registration, owner };
  };
  const register = (changes: Registration['changes'], more: Partial<Registration> = {}) =>
    registrar.register(principal, asking(changes, more).registration, owner);
  const at = (uri: string, expiresSeconds = 600) => ({ uri, expiresSeconds, q: 1, params: '' });
  const asked = (uri = 'sip:desk@192.0.2.7', expiresSeconds = 600) =>
    asking({ kind: 'update', contacts: [at(uri, expiresSeconds)] });
  return {
    ref: `device:${principal.deviceId}`,
    principal,
    asked,
    add: (uri = 'sip:desk@192.0.2.7', more: Partial<Registration> = {}) =>
      register({ kind: 'update', contacts: [at(uri)] }, more),
    renew: (expiresSeconds: number) =>
      registrar.register(principal, asked(undefined, expiresSeconds).registration, owner),
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

  it('that is only renewed is stored by its end alone, until somebody else has written', async () => {
    const desk = telephone();
    const ends = () =>
      test.testDb.admin(
        'select cseq, expires_at, look_at from calls.registration where device_id = $1 order by uri',
        [desk.principal.deviceId],
      );
    await desk.add();
    const [first] = await ends();
    const [contact] = await desk.renew(1200);
    expect(contact).toMatchObject({ uri: 'sip:desk@192.0.2.7', expiresSeconds: 1200 });
    const [second] = await ends();
    expect(Number(second!.cseq)).toBe(2);
    expect(second!.expires_at).not.toEqual(first!.expires_at);
    // When to look at it is put off by nobody but who looks, and never beyond the end.
    expect(second!.look_at).toEqual(first!.look_at);
    await desk.renew(60);
    const [third] = await ends();
    expect(third!.look_at).toEqual(third!.expires_at);

    const elsewhere = createRegistrar({ core: test.core, people, reach });
    const other = { ...owner, processId: '00000000-0000-7000-8000-00000000cafe' };
    await elsewhere.register(desk.principal, desk.asked('sip:desk@192.0.2.8').registration, other);
    expect((await desk.add()).map(({ uri }) => uri).sort()).toEqual([
      'sip:desk@192.0.2.7',
      'sip:desk@192.0.2.8',
    ]);
    await test.testDb.admin('delete from calls.registration where device_id = $1', [desk.principal.deviceId]);
    expect(await desk.add()).toHaveLength(1);
    expect(await desk.stored()).toEqual(['sip:desk@192.0.2.7']);
  });

  it('renewed together is told from what is more, or comes second', async () => {
    const renewals = createRenewals();
    const desk = telephone();
    const asked = desk.asked();
    renewals.wrote(asked, await register(test.core.db, asked.principal, asked.registration, asked.owner));
    const [moved, again] = [desk.asked('sip:desk@192.0.2.9'), desk.asked()];
    const outcomes = await renewals.renewTogether(test.core.db, orgId, [telephone().asked(), moved, again]);
    expect(outcomes).toEqual([undefined, undefined, undefined]);
    const [renewed, late] = await renewals.renewTogether(test.core.db, orgId, [again, desk.asked()]);
    expect(renewed).toMatchObject({ isRefresh: true, bindings: [{ uri: 'sip:desk@192.0.2.7', cseq: 3 }] });
    expect(late).toBeUndefined();
    // Out of order, from another place, or after somebody else's write: not here.
    const [old] = await renewals.renewTogether(test.core.db, orgId, [again]);
    const place = { ...owner, place: 'udp:192.0.2.1:0.0.0.0:5062' };
    const [foreign] = await renewals.renewTogether(test.core.db, orgId, [{ ...desk.asked(), owner: place }]);
    await test.testDb.admin('update calls.registration set cseq = 90 where device_id = $1', [
      desk.principal.deviceId,
    ]);
    const [overtaken] = await renewals.renewTogether(test.core.db, orgId, [desk.asked()]);
    expect([old, foreign, overtaken]).toEqual([undefined, undefined, undefined]);
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
