import { afterAll, beforeAll, expect, it } from 'vitest';
import { getPhoto, listPeople, listTeams, signIn } from '../contract/index.ts';
import { requireStrongPassword } from './auth/password-strength.ts';
import { createDemoPeople } from './demo.ts';
import { type Bench, createBench } from './testing/bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.close());

it('fills an empty installation once, and two people can sign in', async () => {
  const { core } = bench.test;
  const demo = await createDemoPeople(core, bench.people);
  expect(demo).toMatchObject({ created: true, domain: 'estuaria.example' });
  expect(await createDemoPeople(core, bench.people)).toEqual({ ...demo, created: false });
  expect(new Set(Object.values(demo.personIds)).size).toBe(12);
  expect(demo.signIns).toHaveLength(2);
  for (const each of demo.signIns) {
    requireStrongPassword(each.password, [each.name, each.address, demo.name]);
    const browser = bench.browser();
    const { address, password } = each;
    expect((await browser.call(signIn, { body: { address, password } })).body).toEqual({ next: 'done' });
    const { rows } = (await browser.call(listPeople)).body;
    expect(rows).toHaveLength(12);
    expect(new Set(rows.map((row) => row.language))).toEqual(new Set(['fr', 'en', 'es', 'pt']));
    expect(rows.filter((row) => row.photo)).toHaveLength(10);
    expect((await browser.call(getPhoto, { params: { id: each.personId } })).status).toBe(200);
    expect((await browser.call(listTeams)).body.teams.map((team) => team.name)).toHaveLength(4);
    const credentials = await bench.people.sipCredentials({
      realm: demo.domain,
      username: each.sip.username,
      algorithm: 'MD5',
    });
    expect(credentials?.personId).toBe(each.personId);
  }
});

it('leaves another organisation alone', async () => {
  const other = await createBench();
  try {
    await other.organisation('alpha', ['owner']);
    await expect(createDemoPeople(other.test.core, other.people)).rejects.toMatchObject({
      code: 'already-set-up',
    });
  } finally {
    await other.close();
  }
});
