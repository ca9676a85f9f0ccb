import {
  createTestCore,
  type KeptContent,
  keepContent,
  type TestCore,
  type TestPerson,
} from '@liaison/core/testing';
import { type People, type PersonSummary, teamChanged } from '@liaison/people';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { content } from './content.ts';
import { createContacts, migrations } from './index.ts';

let test: TestCore;
let kept: KeptContent;
const people: Pick<People, 'find'> = {
  find: async (_tx, id) => ({ id, timeZone: 'Europe/London' }) as PersonSummary,
};
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  createContacts({ core: test.core, people });
  kept = keepContent(test, content);
  await test.listen();
});
afterAll(() => test.close());

it('is what is written on cards now, for those who may read their book', async () => {
  const { orgId, people: ours } = await test.organisation(['owner', 'guest', 'member']);
  const [manager, guest, outsider] = ours as [TestPerson, TestPerson, TestPerson];
  const teamId = await test.core.db.transaction(orgId, async (tx) => {
    for (const { id } of ours) {
      await test.core.spaces.create(tx, {
        kind: 'personal',
        name: 'own',
        members: [{ personId: id, role: 'manager' }],
      });
    }
    const members = [
      { personId: manager.id, role: 'manager' as const },
      { personId: guest.id, role: 'guest' as const },
    ];
    return (await test.core.spaces.create(tx, { kind: 'team', name: 'Port study', members })).id;
  });
  const client = test.client(manager);
  const books = (await client.call(api.listBooks)).body.rows;
  const team = books.find(({ kind }) => kind === 'team')!;
  const own = books.find(({ kind }) => kind === 'personal')!;
  const add = async (bookId: string, body: object) => {
    const made = await client.call(api.createContact, { params: { bookId }, body });
    expect(made.status).toBe(200);
    return made.body;
  };
  const found = async (person: TestPerson) =>
    (await kept.readableBy(person)).map(({ title, container }) => [title, container]);

  const company = await add(team.id, { kind: 'company', name: 'Oficina Naval' });
  const card = await add(team.id, {
    name: 'Beatriz Falcão',
    title: 'Pilot',
    organisation: 'Oficina Naval',
    numbers: [{ label: 'work', number: '020 7946 0017' }],
    emails: [{ label: 'work', address: 'beatriz@falcao.example' }],
    labels: ['harbour'],
    notes: 'Knows the sandbank.',
  });
  await add(own.id, { name: 'Dentist', numbers: [{ label: 'other', number: 'ask at home' }] });
  expect(await found(guest)).toEqual([
    ['Beatriz Falcão', 'Port study'],
    ['Oficina Naval', 'Port study'],
  ]);
  expect(await found(outsider)).toEqual([]);
  expect(await found(manager)).toContainEqual(['Dentist', '']);
  const read = async (id: string) => (await kept.readableBy(manager)).find((each) => each.id === id);
  expect(await read(card.id)).toMatchObject({
    kind: 'contacts.card',
    place: { spaceId: teamId, containerId: team.id, itemId: card.id },
    path: `/contacts/${card.id}`,
    text: [
      'Oficina Naval',
      'Pilot',
      '020 7946 0017 (+442079460017)',
      'beatriz@falcao.example',
      'harbour',
      'Knows the sandbank.',
    ].join('\n'),
  });

  // A company that is called otherwise is so on the cards of its people.
  await client.call(api.changeContact, {
    params: { contactId: company.id },
    body: { kind: 'company', name: 'Estaleiro', version: company.version },
  });
  expect((await read(card.id))?.text).toContain('Estaleiro');
  await test.core.db.transaction(orgId, async (tx) => {
    await test.core.spaces.rename(tx, teamId, 'Harbour');
    test.core.outbox.emit(tx, teamChanged, { spaceId: teamId, kind: 'team' });
  });
  expect(await found(guest)).toContainEqual(['Beatriz Falcão', 'Harbour']);

  expect((await client.call(api.deleteContacts, { body: { contactIds: [card.id] } })).status).toBeLessThan(
    300,
  );
  expect(await found(guest)).toEqual([['Estaleiro', 'Harbour']]);
  expect((await client.call(api.restoreContacts, { body: { contactIds: [card.id] } })).status).toBeLessThan(
    300,
  );
  expect(await found(guest)).toHaveLength(2);
});
