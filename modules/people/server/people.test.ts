import { Problem } from '@liaison/core/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getPeopleByIds, getPerson } from '../contract/index.ts';
import { at, OWNER, openTwoOrganisations, type TwoOrganisations } from './testing/bench.ts';

let { bench, alpha, beta } = {} as TwoOrganisations;
beforeAll(async () => {
  ({ bench, alpha, beta } = await openTwoOrganisations());
});
afterAll(() => bench.close());

it('answers foreign and missing ids alike on every route with an id', async () => {
  const { browser } = at(alpha, OWNER);
  const victim = at(beta, 1);
  const missing = bench.test.core.ids.next();
  const routes = bench.test.core.http
    .routes()
    .filter((route) => route.access === 'session' && route.path.startsWith('/people/:id'));
  expect(routes.length).toBeGreaterThan(8);
  const bodies: Record<string, unknown> = {
    '/people/:id': { title: 'x' },
    '/people/:id/role': { role: 'member' },
    '/people/:id/address': { address: `x@${alpha.domain}` },
    '/people/:id/extension': { extension: '99' },
    '/people/:id/erase': { address: victim.address },
  };
  for (const route of routes) {
    const call = async (id: string): Promise<Record<string, unknown>> => {
      const sent =
        route.method === 'GET' ? {} : route.raw ? { raw: new Uint8Array(10) } : { body: bodies[route.path] };
      const answer = await browser.call(route, { params: { id }, ...sent });
      return { ...(answer.body as Record<string, unknown>), requestId: undefined };
    };
    const foreign = await call(victim.id);
    expect([route.path, foreign.status]).toEqual([route.path, 404]);
    expect(foreign).toEqual(await call(missing));
  }
  expect((await browser.call(getPeopleByIds, { body: { ids: [victim.id] } })).body.people).toEqual([]);
  expect((await victim.browser.call(getPerson, { params: { id: victim.id } })).status).toBe(200);
});

it('answers other modules', async () => {
  const { people, test } = bench;
  const owner = at(alpha, OWNER);
  await test.core.db.read(alpha.orgId, async (tx) => {
    expect(await people.find(tx, at(beta, 0).id)).toBeNull();
    expect(await people.byAddress(tx, owner.address.toUpperCase())).toMatchObject({ id: owner.id });
    expect(await people.byAddress(tx, at(beta, 0).address)).toBeNull();
    expect((await people.findMany(tx, [owner.id, at(beta, 0).id])).size).toBe(1);
    expect(await people.realmOf(tx)).toBe(alpha.domain);
    expect(await people.personalSpace(tx, owner.id)).toMatch(/^[0-9a-f-]{36}$/);
    expect((await people.search(tx, 'own', 5)).map((person) => person.id)).toEqual([owner.id]);
    await expect(people.search(tx, 'x'.repeat(201), 5)).rejects.toThrow(Problem);
  });
  expect(await people.organisationByRealm(alpha.domain.toUpperCase())).toEqual({
    orgId: alpha.orgId,
    realm: alpha.domain,
  });
  expect(await people.organisationByRealm('nowhere.example')).toBeNull();
});

it('says whose numbers are, several at once, within its own organisation', async () => {
  const { people, test } = bench;
  const [owner, other] = [at(alpha, OWNER), at(alpha, 1)];
  const [mine, shared, theirs] = ['+351210000001', '+351210000002', '+351210000003'] as const;
  const give = (who: { id: string }, orgId: string, number: string) =>
    test.testDb.admin(
      "insert into people.number (org_id, person_id, e164, label, position) values ($1, $2, $3, 'work', 9)",
      [orgId, who.id, number],
    );
  await give(owner, alpha.orgId, mine);
  // An office line: whoever is there longer.
  for (const who of [owner, other]) await give(who, alpha.orgId, shared);
  await give(at(beta, 1), beta.orgId, theirs);
  const found = await test.core.db.read(alpha.orgId, (tx) =>
    Promise.all([mine, shared, theirs, '+351210000004', mine].map((number) => people.byNumber(tx, number))),
  );
  const first = [owner.id, other.id].sort()[0];
  expect(found.map((person) => person?.id ?? null)).toEqual([owner.id, first, null, null, owner.id]);
});

it('gives a person her data', async () => {
  const owner = at(alpha, OWNER);
  const files = await bench.test.core.db.read(alpha.orgId, async (tx) => {
    const paths: string[] = [];
    for await (const file of bench.people.personalData.export(tx, owner.id)) paths.push(file.path);
    return paths;
  });
  expect(files).toEqual(['profile.json', 'devices.json', 'sessions.json']);
});
