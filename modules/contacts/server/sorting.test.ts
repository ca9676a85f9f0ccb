import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import type { People, PersonSummary } from '@liaison/people';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { createContacts, migrations, personalData } from './index.ts';

let test: TestCore;
let alice: TestPerson;
let bob: TestPerson;
const people: Pick<People, 'find'> = {
  find: async (_tx, id) => ({ id, timeZone: 'Europe/London' }) as PersonSummary,
};
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  createContacts({ core: test.core, people });
  await test.listen();
  const { orgId, people: ours } = await test.organisation(['owner', 'member']);
  [alice, bob] = ours as [TestPerson, TestPerson];
  await test.core.db.transaction(orgId, async (tx) => {
    for (const person of ours) {
      const members = [{ personId: person.id, role: 'manager' as const }];
      await test.core.spaces.create(tx, { kind: 'personal', name: '', members });
    }
    const members = ours.map(({ id }) => ({ personId: id, role: 'member' as const }));
    await test.core.spaces.create(tx, { kind: 'team', name: 'Port study', members });
  });
});
afterAll(() => test?.close());

const list = async (query: object): Promise<{ names: string[]; next: string | null }> => {
  const { body } = await test.client(alice).call(api.listContacts, { query: { limit: 100, ...query } });
  return { names: body.rows.map(({ name }) => name), next: body.next };
};

it('sorts cards of several books by last names, companies by theirs, page by page', async () => {
  const { rows: books } = (await test.client(alice).call(api.listBooks)).body;
  const [own, team] = books.map(({ id }) => id) as [string, string];
  const add = async (bookId: string, body: object) =>
    (await test.client(alice).call(api.createContact, { params: { bookId }, body })).body;
  const zoe = await add(own, { given: 'Zoë', family: 'Åbel' });
  await add(team, { given: 'Ada', family: 'Øberg' });
  await add(own, { given: 'Bo', family: 'Łukas' });
  await add(team, { given: 'Ada', family: 'ŁUKAS' });
  await add(own, { prefix: 'Dr', given: 'Yves', family: 'van Eyck', suffix: 'PhD' });
  await add(team, { kind: 'company', name: 'Mole & Sons' });
  await add(own, { name: 'Nobody knows' });
  await add(own, { kind: 'company', name: 'Ärger', family: 'Zimmer' });
  const byFamily = [
    'Zoë Åbel',
    'Ärger',
    'Ada ŁUKAS',
    'Bo Łukas',
    'Mole & Sons',
    'Nobody knows',
    'Ada Øberg',
    'Dr Yves van Eyck PhD',
  ];
  expect((await list({ sort: 'family' })).names).toEqual(byFamily);
  const byName = (await list({})).names;
  expect(byName.slice(0, 2)).toEqual(['Ada ŁUKAS', 'Ada Øberg']);
  expect(byName.at(-1)).toBe('Zoë Åbel');
  const paged: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { names: string[]; next: string | null } = await list({
      sort: 'family',
      limit: 3,
      ...(cursor ? { cursor } : {}),
    });
    paged.push(...page.names);
    cursor = page.next;
  } while (cursor !== null);
  expect(paged).toEqual(byFamily);

  // She married; what was written by a program that knows no last names is sorted all the same.
  await test.client(alice).call(api.changeContact, {
    params: { contactId: zoe.id },
    body: { given: 'Zoë', family: 'Zander', version: zoe.version },
  });
  expect((await list({ sort: 'family' })).names.at(-1)).toBe('Zoë Zander');
  await test.testDb.admin(
    `update contacts.contact set card = card || '{"family": "Abel"}', sort_key = 'zoe abel' where id = $1`,
    [zoe.id],
  );
  expect((await list({ sort: 'family' })).names[0]).toBe('Zoë Zander');
});

it('refuses a page of the other order, and an order that there is not', async () => {
  const { next } = await list({ sort: 'family', limit: 2 });
  const status = async (query: object) =>
    (await test.client(alice).call(api.listContacts, { query: { limit: 2, ...query } as never })).status;
  expect(await status({ sort: 'family', cursor: next })).toBe(200);
  expect(await status({ cursor: next })).toBe(400);
  expect(await status({ sort: 'family', cursor: (await list({ limit: 2 })).next })).toBe(400);
  expect(await status({ sort: 'age' })).toBe(400);
});

it('is remembered for whoever chose it, told to her own pages, and forgotten with her', async () => {
  const sortBy = async (who: TestPerson) =>
    (await test.client(who).call(api.getContactsSettings)).body.sortBy;
  const choose = (who: TestPerson, by: string) =>
    test.client(who).call(api.setContactsSettings, { body: { sortBy: by as api.Sorting } });
  expect(await sortBy(alice)).toBe('name');
  expect((await choose(alice, 'family')).body).toEqual({ sortBy: 'family' });
  expect((await choose(alice, 'age')).status).toBe(400);
  expect([await sortBy(alice), await sortBy(bob)]).toEqual(['family', 'name']);
  const told = await test.testDb.admin(
    `select s.kind, m.person_id from core.outbox o join core.space s on s.id = (o.payload->>'spaceId')::uuid
       join core.member m on m.space_id = s.id where o.name = 'contacts.settings-changed'`,
  );
  expect(told).toEqual([{ kind: 'personal', person_id: alice.id }]);
  await test.core.db.read(alice.orgId, async (tx) => {
    const files = [];
    for await (const file of personalData.export(tx, alice.id)) files.push(file);
    const file = files.find(({ path }) => path === 'contacts-settings.json');
    expect(JSON.parse(String(file?.content))).toEqual([{ sort_by: 'family' }]);
  });
  for (let twice = 0; twice < 2; twice++) {
    await test.core.db.transaction(alice.orgId, (tx) => personalData.erase(tx, alice.id));
  }
  expect(await sortBy(alice)).toBe('name');
});
