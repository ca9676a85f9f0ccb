import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import type { People, PersonSummary } from '@liaison/people';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { createContacts, migrations } from './index.ts';

let test: TestCore;
let contacts: api.Contacts;
let url: string;
const people: Pick<People, 'find'> = {
  find: async (_tx, id) => ({ id, timeZone: 'Europe/London' }) as PersonSummary,
};
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  contacts = createContacts({ core: test.core, people });
  url = await test.listen();
});
afterAll(() => test.close());

/** Somebody with a book of her own and two teams' books; one more who is a guest in the first; a stranger. */
async function cast() {
  const { orgId, people: ours } = await test.organisation(['owner', 'guest']);
  const { people: theirs } = await test.organisation(['owner']);
  const [member, guest] = ours as [TestPerson, TestPerson];
  await test.core.db.transaction(orgId, async (tx) => {
    const { spaces } = test.core;
    const mine = [{ personId: member.id, role: 'member' as const }];
    await spaces.create(tx, {
      kind: 'personal',
      name: '',
      members: [{ personId: member.id, role: 'manager' }],
    });
    await spaces.create(tx, {
      kind: 'team',
      name: 'One',
      members: [...mine, { personId: guest.id, role: 'guest' }],
    });
    await spaces.create(tx, { kind: 'team', name: 'Two', members: mine });
  });
  const { rows } = (await test.client(member).call(api.listBooks)).body;
  const [own, one, two] = rows as [api.Book, api.Book, api.Book];
  return { member, guest, stranger: theirs[0]!, own, one, two };
}
const add = async (who: TestPerson, bookId: string, body: object): Promise<api.Contact> =>
  (await test.client(who).call(api.createContact, { params: { bookId }, body })).body;
const read = (who: TestPerson, contactId: string) =>
  test.client(who).call(api.getContact, { params: { contactId } });
const find = async (who: TestPerson, query: object): Promise<string[]> =>
  (await test.client(who).call(api.listContacts, { query: { ...query } })).body.rows.map(({ name }) => name);
const group = (who: TestPerson, body: object) => test.client(who).call(api.groupContacts, { body });
const move = (who: TestPerson, bookId: string, ...cards: readonly { id: string }[]) =>
  test.client(who).call(api.moveContacts, { body: { bookId, contactIds: cards.map(({ id }) => id) } });
const changesOf = async (bookId: string): Promise<number> =>
  (
    await test.testDb.admin(
      `select from core.outbox where name = 'contacts.contacts-changed' and payload ->> 'bookId' = $1`,
      [bookId],
    )
  ).length;

describe('several cards in groups', () => {
  it('are put in and taken out, found by them, and changed only where something is otherwise', async () => {
    const { member, one } = await cast();
    const ana = await add(member, one.id, { name: 'Ana', labels: ['Press'] });
    const ben = await add(member, one.id, { name: 'Ben', labels: ['pilots'] });
    const contactIds = [ana.id, ben.id];
    const before = await changesOf(one.id);
    const added = await group(member, { contactIds, add: ['Pilots'], remove: ['press'] });
    expect(added.body).toEqual({ changedIds: [ana.id] });
    expect((await read(member, ana.id)).body).toMatchObject({ labels: ['Pilots'], version: 2 });
    expect((await read(member, ben.id)).body).toMatchObject({ labels: ['pilots'], version: 1 });
    expect(await find(member, { text: 'pilo' })).toEqual(['Ana', 'Ben']);
    expect(await changesOf(one.id)).toBe(before + 1);
    expect((await group(member, { contactIds, add: ['Pilots'] })).body).toEqual({ changedIds: [] });
    await group(member, { contactIds, remove: ['PILOTS'] });
    expect(await find(member, { text: 'pilo' })).toEqual([]);
  });

  it('are refused as a whole to who may not write one of them, and where one would be in too many', async () => {
    const { member, guest, stranger, one, own } = await cast();
    const shared = await add(member, one.id, { name: 'Ana' });
    const mine = await add(member, own.id, { name: 'Ben' });
    expect((await group(guest, { contactIds: [shared.id], add: ['x'] })).status).toBe(403);
    expect((await group(guest, { contactIds: [mine.id], add: ['x'] })).status).toBe(404);
    expect((await group(stranger, { contactIds: [shared.id], add: ['x'] })).status).toBe(404);
    const add20 = Array.from({ length: 20 }, (_, at) => `group ${at}`);
    await group(member, { contactIds: [mine.id], add: add20 });
    const over = await group(member, { contactIds: [shared.id, mine.id], add: ['one more'] });
    expect([over.status, over.body.code]).toEqual([409, 'contacts-groups']);
    expect((await read(member, shared.id)).body.labels).toEqual([]);
    expect((await group(member, { contactIds: [], add: ['x'] })).status).toBe(400);
  });
});

describe('a group that is called otherwise', () => {
  const rename = (who: TestPerson, body: object) => test.client(who).call(api.renameGroup, { body });
  const labelsOf = async (who: TestPerson, ...cards: readonly { id: string }[]) =>
    Promise.all(cards.map(async ({ id }) => (await read(who, id)).body.labels));

  it('is so on each of its cards however it was spelt, in one book or in all, and takes in one of that name', async () => {
    const { member, own, one } = await cast();
    const ana = await add(member, one.id, { name: 'Ana', labels: ['Café', 'Press'] });
    const ben = await add(member, one.id, { name: 'Ben', labels: ['CAFE', 'Quay'] });
    const cem = await add(member, own.id, { name: 'Cem', labels: ['café'] });
    const before = await changesOf(own.id);
    expect((await rename(member, { from: 'café', to: 'Quay', bookId: one.id })).body).toEqual({ count: 2 });
    expect(await labelsOf(member, ana, ben, cem)).toEqual([['Press', 'Quay'], ['Quay'], ['café']]);
    expect(await find(member, { label: 'Quay' })).toEqual(['Ana', 'Ben']);
    expect(await find(member, { text: 'cafe' })).toEqual(['Cem']);
    expect(await changesOf(own.id)).toBe(before);
    await rename(member, { from: 'Café', to: 'Quay' });
    expect(await labelsOf(member, cem)).toEqual([['Quay']]);
    // Only spelt otherwise.
    expect((await rename(member, { from: 'Quay', to: 'QUAY' })).body).toEqual({ count: 3 });
    expect(await labelsOf(member, ben, cem)).toEqual([['QUAY'], ['QUAY']]);
  });

  it('is refused to who may only read it, and left alone in books that are only read', async () => {
    const { member, guest, stranger, one } = await cast();
    const ana = await add(member, one.id, { name: 'Ana', labels: ['Press'] });
    const inBook = { from: 'Press', to: 'x', bookId: one.id };
    expect((await rename(guest, inBook)).status).toBe(403);
    expect((await rename(stranger, inBook)).status).toBe(404);
    expect((await rename(guest, { from: 'Press', to: 'x' })).status).toBe(404);
    expect((await rename(member, { from: 'Pres', to: 'x' })).status).toBe(404);
    expect((await rename(member, { from: 'Press', to: '' })).status).toBe(400);
    expect(await labelsOf(member, ana)).toEqual([['Press']]);
  });
});

describe('several cards in another book', () => {
  it('are there and no longer here, found by name and number, and go back where they were', async () => {
    const { member, one, two } = await cast();
    const ana = await add(member, one.id, {
      name: 'Ana',
      numbers: [{ label: 'work', number: '020 7946 0018' }],
    });
    const ben = await add(member, two.id, { name: 'Ben' });
    const before = [await changesOf(one.id), await changesOf(two.id)];
    const moved = await move(member, two.id, ana, ben);
    expect(moved.body).toEqual({ moved: [{ bookId: one.id, contactIds: [ana.id] }] });
    expect([await changesOf(one.id), await changesOf(two.id)]).toEqual(before.map((many) => many + 1));
    expect([await find(member, { bookId: one.id }), await find(member, { bookId: two.id })]).toEqual([
      [],
      ['Ana', 'Ben'],
    ]);
    expect(await find(member, { bookId: two.id, text: '7946 0018' })).toEqual(['Ana']);
    const names = await contacts.names(member.orgId, member.id, ['+442079460018']);
    expect(names.get('+442079460018')).toMatchObject({ name: 'Ana', contactId: ana.id });
    await move(member, one.id, ana);
    expect(await find(member, { bookId: one.id, text: 'ana' })).toEqual(['Ana']);
  });

  it('keep their company where it comes along or is there, and its name where it is not', async () => {
    const { member, one, two } = await cast();
    const works = await add(member, one.id, { kind: 'company', name: 'Boat Works' });
    const [ana, ben] = [
      await add(member, one.id, { name: 'Ana', companyId: works.id }),
      await add(member, one.id, { name: 'Ben', companyId: works.id }),
    ];
    await move(member, two.id, ana);
    expect((await read(member, ana.id)).body).toMatchObject({ organisation: 'Boat Works', companyId: null });
    await move(member, two.id, works);
    // Who saw his card before writes over it no more.
    expect((await read(member, ben.id)).body).toMatchObject({
      organisation: 'Boat Works',
      companyId: null,
      version: 2,
    });
    await move(member, two.id, ben);
    expect((await read(member, ben.id)).body).toMatchObject({
      organisation: 'Boat Works',
      companyId: works.id,
    });
  });

  it('are refused to who may not write here or there', async () => {
    const { member, guest, stranger, own, one } = await cast();
    const shared = await add(member, one.id, { name: 'Ana' });
    const guests = (await test.client(guest).call(api.listBooks)).body.rows;
    expect((await move(guest, guests[0]!.id, shared)).status).toBe(403);
    expect((await move(guest, own.id, shared)).status).toBe(404);
    expect((await move(stranger, one.id, shared)).status).toBe(404);
    expect((await read(member, shared.id)).body).toMatchObject({ bookId: one.id, version: 1 });
  });
});

describe('several cards as a file', () => {
  const file = async (who: TestPerson, body: object) => {
    const client = test.client(who);
    const answer = await fetch(`${url}/api/v1/contacts/export`, {
      method: 'POST',
      headers: { ...client.headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };
  it('are those that were chosen, by name, as vCards or a table; who may not read one of them gets none', async () => {
    const { member, guest, own, one } = await cast();
    const ana = await add(member, one.id, {
      name: 'Ana',
      emails: [{ label: 'work', address: 'a@b.example' }],
    });
    const ben = await add(member, own.id, { name: 'Ben', notes: '=1+1' });
    await add(member, own.id, { name: 'Not chosen' });
    const contactIds = [ben.id, ana.id, ben.id];
    const cards = await file(member, { contactIds });
    expect([cards.status, cards.type]).toEqual([200, 'text/vcard; charset=utf-8']);
    expect([...cards.text.matchAll(/^FN:(.*)\r$/gm)].map(([, name]) => name)).toEqual(['Ana', 'Ben']);
    const table = await file(member, { contactIds, format: 'csv' });
    expect(table.text.split('\r\n').filter(Boolean)).toHaveLength(3);
    expect(table.text).toContain('a@b.example');
    expect(table.text).not.toMatch(/,=1\+1/);
    expect((await file(guest, { contactIds: [ana.id] })).status).toBe(200);
    expect((await file(guest, { contactIds })).status).toBe(404);
  });
});
