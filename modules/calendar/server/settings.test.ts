import type { TestClient } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CalendarSettings, getCalendarSettings, setCalendarSettings } from '../contract/index.ts';
import { personalData } from './index.ts';
import { type CalendarStage, openCalendarStage } from './testing/calendar-stage.ts';

let stage: CalendarStage;
beforeAll(async () => {
  stage = await openCalendarStage();
}, 60_000);
afterAll(() => stage?.close());

const firstDay = async (who: TestClient) => (await who.call(getCalendarSettings)).body.firstDay;
const choose = (who: TestClient, first: CalendarSettings['firstDay']) =>
  who.call(setCalendarSettings, { body: { firstDay: first } });

it('keeps on which day somebody’s weeks begin, for her alone, and tells her own pages', async () => {
  const { alice, bob, guest, people, test } = stage;
  expect(await firstDay(alice)).toBeNull();
  expect((await choose(alice, 6)).body).toEqual({ firstDay: 6 });
  expect((await choose(alice, 7)).body).toEqual({ firstDay: 7 });
  expect((await choose(guest, 1)).status).toBe(200);
  expect(await Promise.all([alice, bob, guest].map(firstDay))).toEqual([7, null, 1]);
  const told = await test.testDb.admin(
    `select s.kind, m.person_id from core.outbox o join core.space s on s.id = (o.payload->>'spaceId')::uuid
       join core.member m on m.space_id = s.id
     where o.name = 'calendar.settings-changed' and o.payload->>'personId' = $1`,
    [people[0]!.id],
  );
  const own = { kind: 'personal', person_id: people[0]!.id };
  expect(told).toEqual([own, own]);
  expect((await choose(alice, null)).body).toEqual({ firstDay: null });
  expect(await firstDay(alice)).toBeNull();
});

it('refuses a day on which weeks begin nowhere', async () => {
  for (const day of [0, 3, 8, '6', undefined]) {
    expect((await choose(stage.bob, day as never)).status).toBe(400);
  }
  expect(await firstDay(stage.bob)).toBeNull();
});

it('is told to its person, and forgotten with her', async () => {
  const { bob, orgId, people, test } = stage;
  const { id } = people[1]!;
  await choose(bob, 6);
  await test.core.db.read(orgId, async (tx) => {
    const files = [];
    for await (const file of personalData.export(tx, id)) files.push(file);
    const file = files.find(({ path }) => path === 'calendar-settings.json');
    expect(JSON.parse(String(file?.content))).toEqual([{ first_day: 6 }]);
  });
  for (let twice = 0; twice < 2; twice++) {
    await test.core.db.transaction(orgId, (tx) => personalData.erase(tx, id));
  }
  expect(await firstDay(bob)).toBeNull();
});
