import type { TestClient } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getOverlay, listCalendars, setOverlay } from '../contract/index.ts';
import { personalData } from './index.ts';
import { type CalendarStage, openCalendarStage } from './testing/calendar-stage.ts';

let stage: CalendarStage;
beforeAll(async () => {
  stage = await openCalendarStage();
}, 60_000);
afterAll(() => stage?.close());

const choose = (who: TestClient, ...personIds: string[]) => who.call(setOverlay, { body: { personIds } });
const chosen = async (who: TestClient) => (await who.call(getOverlay)).body.personIds;

it('keeps in their order the colleagues whom somebody chose, for her alone', async () => {
  const { alice, bob, people } = stage;
  const [a, b, c] = people.map(({ id }) => id) as [string, string, string];
  expect(await chosen(alice)).toEqual([]);
  expect((await choose(alice, c, b, c, a)).body.personIds).toEqual([c, b]);
  expect(await chosen(alice)).toEqual([c, b]);
  expect(await chosen(bob)).toEqual([]);
  const both = await Promise.all([choose(alice, b), choose(alice, c)]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(await chosen(alice)).toHaveLength(1);
  await choose(alice);
  expect(await chosen(alice)).toEqual([]);
});

it('refuses strangers, more than can be told apart, and whom a guest is not with', async () => {
  const { alice, guest, people, test } = stage;
  const { people: others } = await test.organisation(['member']);
  expect((await choose(alice, others[0]!.id)).status).toBe(404);
  expect((await choose(alice, ...Array.from({ length: 9 }, () => people[1]!.id))).status).toBe(400);
  expect((await choose(guest, people[1]!.id)).status).toBe(200);
  expect((await choose(guest, people[2]!.id)).status).toBe(404);
  expect(await chosen(guest)).toEqual([people[1]!.id]);
});

it('is told to its person, and forgotten with her and with whom she chose', async () => {
  const { alice, bob, orgId, people, test } = stage;
  const [a, b, c] = people.map(({ id }) => id) as [string, string, string];
  await choose(alice, b, c);
  await choose(bob, a);
  await test.core.db.read(orgId, async (tx) => {
    const files = [];
    for await (const file of personalData.export(tx, a)) files.push(file);
    const file = files.find(({ path }) => path === 'colleagues-over-my-days.json');
    expect(JSON.parse(String(file?.content))).toEqual([{ colleague_id: b }, { colleague_id: c }]);
  });
  for (let twice = 0; twice < 2; twice++) {
    await test.core.db.transaction(orgId, (tx) => personalData.erase(tx, b));
  }
  expect(await chosen(alice)).toEqual([c]);
  expect(await chosen(bob)).toEqual([]);
});

it('has another colour for each of the teams that somebody is in, until there are more teams than colours', async () => {
  const { carol, orgId, people, test } = stage;
  const coloursOf = async () =>
    (await carol.call(listCalendars)).body.rows.flatMap(({ kind, colour }) =>
      kind === 'team' ? [colour] : [],
    );
  const join = (teams: number) =>
    test.core.db.transaction(orgId, async (tx) => {
      for (let at = 0; at < teams; at += 1) {
        const members = [{ personId: people[2]!.id, role: 'manager' as const }];
        await test.core.spaces.create(tx, { kind: 'team', name: `Quay ${at}`, members });
      }
    });
  await join(2);
  expect(new Set(await coloursOf()).size).toBe(2);
  await join(3);
  expect((await coloursOf()).toSorted()).toEqual([1, 2, 3, 4, 5]);
  await join(1);
  expect(new Set(await coloursOf()).size).toBe(5);
});
