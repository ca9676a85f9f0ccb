import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  countNews,
  listDigest,
  listNews,
  mayRingHidden,
  mayTell,
  readNews,
  readPreferences,
  setKindPreference,
  setPlacePreference,
  setTimes,
  usualTimes,
} from '../contract/index.ts';
import { makeDigestsOf } from './digest.ts';
import { createNotify, migrations } from './index.ts';
import { createStage, noteRead, peopleOfTest, reachOfTest, source, tell } from './testing/notes.ts';

let test: TestCore;
const reach = reachOfTest();
const people = peopleOfTest({ language: 'pt', timeZone: 'Europe/Lisbon' });
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  createNotify({ core: test.core, people, reach, sources: [source] });
  await test.listen();
});
afterAll(() => test.close());

const count = async (who: TestPerson) => (await test.client(who).call(countNews)).body.unread;
const list = async (who: TestPerson) => (await test.client(who).call(listNews)).body.rows;
const choose = (who: TestPerson, kind: string, when: string | null) =>
  test.client(who).call(setKindPreference, { params: { kind }, body: { when } });
const choosePlace = (who: TestPerson, body: object) => test.client(who).call(setPlacePreference, { body });

describe('preferences', () => {
  it('are what is usual until she chooses, and again when she takes it back', async () => {
    const { alice, bob, spaceId, board } = await createStage(test);
    const { body } = await test.client(bob).call(readPreferences);
    expect(body).toEqual({
      kinds: [
        { kind: 'notes.for-me', when: 'now', usual: 'now', needsMe: true },
        { kind: 'notes.for-all', when: 'never', usual: 'never', needsMe: false },
      ],
      places: [],
      times: usualTimes,
      zone: 'Europe/Lisbon',
    });
    expect((await choose(bob, 'notes.for-me', 'digest')).body).toMatchObject({ when: 'digest' });
    await choosePlace(bob, { spaceId, containerId: board, when: 'never' });
    const times = { ...usualTimes, digestAt: '18:30' };
    await test.client(bob).call(setTimes, { body: times });
    const chosen = (await test.client(bob).call(readPreferences)).body;
    expect(chosen).toMatchObject({
      kinds: [{ when: 'digest' }, { when: 'never' }],
      places: [{ spaceId, containerId: board, kind: null, when: 'never', name: 'Team' }],
      times,
    });
    expect((await test.client(alice).call(readPreferences)).body).toEqual(body);
    await choose(bob, 'notes.for-me', null);
    await choosePlace(bob, { spaceId, containerId: board, when: null });
    expect((await test.client(bob).call(readPreferences)).body).toMatchObject({
      kinds: body.kinds,
      places: [],
    });
  });

  it('are refused for what is not there, or not hers to see', async () => {
    const { bob } = await createStage(test);
    const { spaceId: elsewhere } = await createStage(test);
    expect((await choose(bob, 'notes.unknown', 'now')).status).toBe(404);
    expect((await choose(bob, 'no kind', 'now')).status).toBe(400);
    expect((await choosePlace(bob, { spaceId: elsewhere, when: 'never' })).status).toBe(404);
    expect((await choosePlace(bob, { spaceId: test.core.ids.next(), when: 'never' })).status).toBe(404);
    const quiet = { ...usualTimes.quiet, zone: '+01:00' };
    expect((await test.client(bob).call(setTimes, { body: { ...usualTimes, quiet } })).status).toBe(400);
  });

  it('decide who hears: never, and those who ask to hear of everything', async () => {
    const { alice, bob, carol, leave, spaceId } = await createStage(test);
    await choose(bob, 'notes.for-me', 'never');
    await leave(alice, [bob]);
    expect([await count(bob), await count(carol)]).toEqual([0, 0]);
    await choosePlace(carol, { spaceId, kind: 'notes.for-all', when: 'now' });
    await leave(alice, [bob]);
    expect([await count(bob), await count(carol), await count(alice)]).toEqual([0, 1, 0]);
    expect(await list(carol)).toMatchObject([{ needsMe: 0, latest: { kind: 'notes.for-all' } }]);
  });

  it('decide what a page that is hidden may say: what is chosen for now, outside quiet hours and calls', async () => {
    const { alice, bob, spaceId, board } = await createStage(test);
    const ask = (who: TestPerson, kind = 'notes.for-me', containerId = board) =>
      test.client(who).call(mayTell, { query: { kind, spaceId, containerId } });
    const may = async (who: TestPerson, kind?: string, containerId?: string) =>
      (await ask(who, kind, containerId)).body.may;
    expect([await may(bob), await may(bob, 'notes.for-all')]).toEqual([true, false]);
    await choosePlace(bob, { spaceId, containerId: board, when: 'never' });
    expect([await may(bob), await may(bob, 'notes.for-me', test.core.ids.next())]).toEqual([false, true]);
    await choosePlace(bob, { spaceId, containerId: board, when: null });
    await choose(bob, 'notes.for-me', 'digest');
    expect([await may(bob), await may(alice)]).toEqual([false, true]);
    await choose(bob, 'notes.for-me', null);
    const quiet = { ...usualTimes.quiet, on: true, from: '00:00', until: '00:00' };
    await test.client(bob).call(setTimes, { body: { ...usualTimes, quiet } });
    expect(await may(bob)).toBe(false);
    await test.client(bob).call(setTimes, { body: usualTimes });
    reach.states.set(bob.id, 'meeting');
    expect(await may(bob)).toBe(false);
    reach.states.delete(bob.id);
    expect(await may(bob)).toBe(true);
    expect((await ask(bob, 'notes.unknown')).status).toBe(404);
    const nobody = test.client().call(mayTell, {
      query: { kind: 'notes.for-me', spaceId, containerId: board },
    });
    expect((await nobody).status).toBe(401);
  });
});

it('decide whether a call rings on hidden pages: always, but in quiet hours in which calls are silent', async () => {
  const { alice, bob } = await createStage(test);
  const may = async (who: TestPerson) => (await test.client(who).call(mayRingHidden)).body.may;
  const choose = (quiet: object) =>
    test.client(bob).call(setTimes, { body: { ...usualTimes, quiet: { ...usualTimes.quiet, ...quiet } } });
  const always = { on: true, from: '00:00', until: '00:00' };
  expect(await may(bob)).toBe(true);
  await choose(always);
  expect(await may(bob)).toBe(true);
  await choose({ ...always, calls: 'silent' });
  expect([await may(bob), await may(alice)]).toEqual([false, true]);
  await choose({ ...always, on: false, calls: 'silent' });
  expect(await may(bob)).toBe(true);
  // Who asks not to be disturbed is not rung at all: that is reach's to say.
  reach.states.set(bob.id, 'call');
  expect(await may(bob)).toBe(true);
  reach.states.delete(bob.id);
  expect((await test.client().call(mayRingHidden)).status).toBe(401);
});

describe('a digest', () => {
  const make = (orgId: string, now: Date) => makeDigestsOf(test.core, people, async () => {}, orgId, now);
  const tomorrow = () => new Date(Date.now() + 86_400_000);

  it('gathers at her hour what came until then, once, and is read with all of it', async () => {
    const { orgId, alice, bob, leave } = await createStage(test);
    await choose(bob, 'notes.for-me', 'digest');
    await leave(alice, [bob], 'one');
    await leave(alice, [bob], 'two');
    expect([await count(bob), await list(bob)]).toEqual([0, []]);
    // Its hour was before they came.
    await make(orgId, new Date(Date.now() - 86_400_000));
    expect(await count(bob)).toBe(0);
    const now = tomorrow();
    for (let times = 0; times < 2; times++) await make(orgId, now);
    expect(await count(bob)).toBe(1);
    const [digest] = await list(bob);
    expect(digest).toMatchObject({
      spaceId: null,
      unread: 1,
      needsMe: 0,
      latest: { kind: 'notify.digest', gathers: 2, needsMe: false },
    });
    const params = { newsId: digest!.latest.id };
    const gathered = (await test.client(bob).call(listDigest, { params })).body.rows;
    expect(gathered.map(({ text }) => text)).toEqual(['two', 'one']);
    expect((await test.client(alice).call(listDigest, { params })).body.rows).toEqual([]);

    await test.client(bob).call(readNews, { body: { groupIds: [digest!.id] } });
    expect(await count(bob)).toBe(0);
    const read = (await test.client(bob).call(listDigest, { params })).body.rows;
    expect(read.every(({ readAt }) => readAt !== null)).toBe(true);
  });

  it('leaves out what was read at its place, and is read when all of it is', async () => {
    const { orgId, alice, bob, leave, board, spaceId } = await createStage(test);
    await choose(bob, 'notes.for-me', 'digest');
    const read = (upTo: number) => tell(test, orgId, noteRead, { spaceId, board, personId: bob.id, upTo });
    await leave(alice, [bob], 'one');
    await read(1);
    await leave(alice, [bob], 'two');
    await make(orgId, tomorrow());
    expect((await list(bob)).find(({ latest }) => latest.kind === 'notify.digest')).toMatchObject({
      unread: 1,
      latest: { gathers: 1 },
    });
    await read(2);
    expect(await count(bob)).toBe(0);
  });
});
