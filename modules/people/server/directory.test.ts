import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  changeProfile,
  changeRole,
  countPeople,
  createTeam,
  erasePerson,
  getPerson,
  invite,
  listPeople,
  removeTeamMember,
  searchPeople,
  suspendPerson,
} from '../contract/index.ts';
import { at, type Bench, createBench, GUEST, MEMBER, type Organisation, OWNER } from './testing/bench.ts';
import { hear } from './testing/hear.ts';

let bench: Bench;
let alpha: Organisation;
beforeAll(async () => {
  bench = await createBench();
  alpha = await bench.organisation('alpha');
});
afterAll(() => bench.close());

it('finds by the beginning of any word without accents, by extension, number and with typing errors', async () => {
  const { browser } = at(alpha, OWNER);
  await at(alpha, MEMBER).browser.call(changeProfile, {
    params: { id: at(alpha, MEMBER).id },
    body: {
      name: 'Hoa Trần-Leclerc',
      numbers: [{ number: '+33 6 39 98 41 02' }, { number: '+44 7700 900160' }],
    },
  });
  await browser.call(invite, {
    body: {
      name: 'Ingrid Solvang-Mørk',
      address: `ingrid.solvangmork@${alpha.domain}`,
      extension: '4100',
      role: 'owner',
    },
  });
  const find = async (text: string) =>
    (await browser.call(searchPeople, { query: { text } })).body.people.map((person) => person.name);
  expect(await find('mork')).toEqual(['Ingrid Solvang-Mørk']);
  expect(await find('SOLV ing')).toEqual(['Ingrid Solvang-Mørk']);
  expect(await find('tran')).toEqual(['Hoa Trần-Leclerc']);
  expect(await find('4100')).toEqual(['Ingrid Solvang-Mørk']);
  expect(await find(`ingrid.solvangmork@${alpha.domain}`)).toEqual(['Ingrid Solvang-Mørk']);
  expect(await find('07700 900 160')).toEqual(['Hoa Trần-Leclerc']);
  expect(await find('+33 6 39 98')).toEqual(['Hoa Trần-Leclerc']);
  expect(await find('ingrid solvagn')).toEqual(['Ingrid Solvang-Mørk']);
  expect(await find('%')).toEqual([]);
  expect(await find("o'; drop table people.person")).toEqual([]);
  expect(await find('zzzz')).toEqual([]);
});

it('forgets a rare name with its person', async () => {
  const { browser } = at(alpha, OWNER);
  const address = `bettina@${alpha.domain}`;
  const made = await browser.call(invite, {
    body: { name: 'Bettina Zwirnmeister', address, role: 'member' },
  });
  const { id } = made.body.invitation.person;
  const find = async (text: string) =>
    (await browser.call(searchPeople, { query: { text } })).body.people.map((person) => person.name);
  expect(await find('zwirnmiester')).toEqual(['Bettina Zwirnmeister']);
  const words = () =>
    bench.test.testDb.admin(`select from people.vocabulary where word in ('bettina', 'zwirnmeister')`);
  expect(await words()).toHaveLength(2);
  await browser.call(changeProfile, { params: { id }, body: { name: 'Bettina Aal' } });
  expect(await words()).toHaveLength(1);
  await browser.call(erasePerson, { params: { id }, body: { address } });
  expect(await words()).toHaveLength(0);
  expect(await find('bettina')).toEqual([]);
});

it('searches among those whom the filters let through, suspended ones too', async () => {
  const { browser } = at(alpha, OWNER);
  const person = async (name: string, address: string) =>
    (await browser.call(invite, { body: { name, address: `${address}@${alpha.domain}`, role: 'member' } }))
      .body.invitation.person.id;
  const [one, two] = [await person('Quentin One', 'quentin1'), await person('Quentin Two', 'quentin2')];
  const team = await browser.call(createTeam, { body: { name: 'Quay', memberIds: [two] } });
  const names = async (query: Record<string, string>) =>
    (await browser.call(listPeople, { query: { text: 'quen', ...query } })).body.rows.map((row) => row.name);
  expect(await names({})).toEqual(['Quentin One', 'Quentin Two']);
  expect(await names({ teamId: team.body.id })).toEqual(['Quentin Two']);
  expect(await names({ role: 'guest' })).toEqual([]);
  const quay = await bench.organisation('quay', ['owner', 'member']);
  const member = at(quay, 1);
  const boss = at(quay, OWNER).browser;
  await boss.call(suspendPerson, { params: { id: member.id } });
  const found = await boss.call(listPeople, { query: { text: 'memb', status: 'suspended' } });
  expect(found.body.rows.map((row) => row.id)).toEqual([member.id]);
  for (const [i, id] of [one, two].entries()) {
    const address = `quentin${i + 1}@${alpha.domain}`;
    expect((await browser.call(erasePerson, { params: { id }, body: { address } })).status).toBe(204);
  }
});

it('is paged, filtered and counted', async () => {
  const { browser } = at(alpha, OWNER);
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await browser.call(listPeople, { query: { limit: 2, cursor } });
    names.push(...page.body.rows.map((row) => row.name));
    cursor = page.body.next ?? undefined;
  } while (cursor);
  expect(names).toHaveLength(5);
  expect(new Set(names).size).toBe(5);
  const invited = await browser.call(listPeople, { query: { status: 'invited' } });
  expect(invited.body.rows.map((row) => row.name)).toEqual(['Ingrid Solvang-Mørk']);
  expect((await browser.call(countPeople)).body).toEqual({ active: 4, invited: 1, suspended: 0 });
  expect((await browser.call(listPeople, { query: { cursor: 'bm90IG9uZQ' } })).status).toBe(400);
});

it('shows guests only whom they share a space with', async () => {
  const { browser, id } = at(alpha, GUEST);
  expect((await browser.call(listPeople)).body.rows.map((row) => row.id)).toEqual([id]);
  expect((await browser.call(getPerson, { params: { id: at(alpha, OWNER).id } })).status).toBe(404);
  expect((await browser.call(searchPeople, { query: { text: 'owner' } })).body.people).toEqual([]);
  const team = await at(alpha, MEMBER).browser.call(createTeam, {
    body: { name: 'Port study Leixal', memberIds: [id] },
  });
  expect((await browser.call(listPeople)).body.rows).toHaveLength(2);
  expect((await browser.call(getPerson, { params: { id: at(alpha, MEMBER).id } })).status).toBe(200);
  const find = async (text: string) =>
    (await browser.call(searchPeople, { query: { text } })).body.people.map((person) => person.name);
  const { address } = at(alpha, MEMBER);
  for (const text of ['h', 'tran', 'LECL ho', 'Hoa Trần-L', '07700 900', 'leclrec', address])
    expect([text, await find(text)]).toEqual([text, ['Hoa Trần-Leclerc']]);
  for (const text of ['ingrid', '4100', 'tran ingrid', at(alpha, OWNER).address])
    expect([text, await find(text)]).toEqual([text, []]);
  await at(alpha, MEMBER).browser.call(removeTeamMember, { params: { id: team.body.id, personId: id } });
  expect((await browser.call(listPeople)).body.rows).toHaveLength(1);
  expect(await find('tran')).toEqual([]);
});

it('tells the pages of guests of nobody whom they may not see', async () => {
  const { browser, id } = at(alpha, GUEST);
  const boss = at(alpha, OWNER).browser;
  const [guests, owners] = [await hear(bench.url, browser), await hear(bench.url, boss)];
  const change = (who: number, title: string) =>
    at(alpha, who).browser.call(changeProfile, { params: { id: at(alpha, who).id }, body: { title } });
  const ofWhom = (heard: { data?: unknown }) => (heard.data as { personId?: string } | null)?.personId;

  const address = `stranger@${alpha.domain}`;
  const made = await boss.call(invite, { body: { name: 'A Stranger', address, role: 'member' } });
  const strangerId = made.body.invitation.person.id;
  await boss.call(changeRole, { params: { id: strangerId }, body: { role: 'manager' } });
  await boss.call(erasePerson, { params: { id: strangerId }, body: { address } });
  await change(OWNER, 'Harbour master');
  await change(GUEST, 'Diver');
  await guests.until((heard) => ofWhom(heard) === id);
  await owners.until((heard) => ofWhom(heard) === id);
  const names = (heard: typeof guests.heard, personId: string) =>
    heard.filter((each) => ofWhom(each) === personId).map((each) => each.name);
  expect(names(owners.heard, strangerId)).toEqual(
    expect.arrayContaining([
      'core.member-joined',
      'people.person-created',
      'core.member-role-changed',
      'people.person-changed',
      'core.member-left',
      'people.person-erased',
    ]),
  );
  expect(JSON.stringify(guests.heard)).not.toContain(strangerId);
  expect(names(guests.heard, at(alpha, OWNER).id)).toEqual([]);

  // Who shares a team with her from now on is told of from now on.
  const team = await at(alpha, MEMBER).browser.call(createTeam, {
    body: { name: 'Divers', memberIds: [id] },
  });
  await change(MEMBER, 'Pilot');
  await guests.until(
    (heard) => heard.name === 'people.person-changed' && ofWhom(heard) === at(alpha, MEMBER).id,
  );
  await at(alpha, MEMBER).browser.call(removeTeamMember, { params: { id: team.body.id, personId: id } });
  guests.close();
  owners.close();
});
