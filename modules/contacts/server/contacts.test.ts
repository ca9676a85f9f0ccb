import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import type { People, PersonSummary } from '@liaison/people';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { fillDemoContacts } from './demo.ts';
import { createContacts, migrations, personalData } from './index.ts';

let test: TestCore;
let contacts: api.Contacts;
/** Everybody lives in London: `020 …` is a number there. */
const people: Pick<People, 'find'> = {
  find: async (_tx, id) => ({ id, timeZone: 'Europe/London' }) as PersonSummary,
};
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  contacts = createContacts({ core: test.core, people });
  await test.listen();
});
afterAll(() => test.close());

interface Cast {
  readonly teamId: string;
  readonly manager: TestPerson;
  readonly member: TestPerson;
  readonly guest: TestPerson;
  readonly outsider: TestPerson;
  readonly stranger: TestPerson;
  readonly team: api.Book;
  readonly own: api.Book;
}

/** A team with a manager, a member and a guest; somebody of the organisation who is not in it; somebody of another one. */
async function cast(): Promise<Cast> {
  const { orgId, people: ours } = await test.organisation(['owner', 'member', 'guest', 'member']);
  const { people: theirs } = await test.organisation(['owner']);
  const [manager, member, guest, outsider] = ours as [TestPerson, TestPerson, TestPerson, TestPerson];
  const teamId = await test.core.db.transaction(orgId, async (tx) => {
    for (const person of ours) {
      await test.core.spaces.create(tx, {
        kind: 'personal',
        name: 'own',
        members: [{ personId: person.id, role: 'manager' }],
      });
    }
    const space = await test.core.spaces.create(tx, {
      kind: 'team',
      name: 'Port study',
      members: [
        { personId: manager.id, role: 'manager' },
        { personId: member.id, role: 'member' },
        { personId: guest.id, role: 'guest' },
      ],
    });
    return space.id;
  });
  const { rows } = (await test.client(member).call(api.listBooks)).body;
  const team = rows.find(({ kind }) => kind === 'team')!;
  const own = rows.find(({ kind }) => kind === 'personal')!;
  return { teamId, manager, member, guest, outsider, stranger: theirs[0]!, team, own };
}

const add = (who: TestPerson, bookId: string, body: object) =>
  test.client(who).call(api.createContact, { params: { bookId }, body });
const change = (who: TestPerson, contactId: string, body: object) =>
  test.client(who).call(api.changeContact, { params: { contactId }, body });
const find = async (who: TestPerson, query: object): Promise<string[]> => {
  const { body } = await test.client(who).call(api.listContacts, { query: { ...query } });
  return body.rows.map(({ name }) => name);
};
const read = (who: TestPerson, contactId: string) =>
  test.client(who).call(api.getContact, { params: { contactId } });

describe('books', () => {
  it('are one for each team and a private one, made once, also by two at once', async () => {
    const { member, guest, outsider, team, own } = await cast();
    expect(team).toMatchObject({ name: 'Port study', right: 'write' });
    expect(own).toMatchObject({ name: '', right: 'manage' });
    const [one, other] = await Promise.all([
      test.client(guest).call(api.listBooks),
      test.client(guest).call(api.listBooks),
    ]);
    expect(one.body).toEqual(other.body);
    expect(one.body.rows.find(({ id }) => id === team.id)?.right).toBe('comment');
    expect((await test.client(outsider).call(api.listBooks)).body.rows).toHaveLength(1);
    expect((await test.client(member).call(api.listBooks)).body.rows).toHaveLength(2);
  });
});

describe('a card', () => {
  it('keeps what was typed, and what it means', async () => {
    const { member, manager, team } = await cast();
    const added = await add(member, team.id, {
      given: 'Áine',
      family: 'Ó Dálaigh',
      numbers: [
        { label: 'work', number: '01632 960 017 ext. 12' },
        { label: 'mobile', number: '+1 (202) 555-0123' },
        { label: 'home', number: '0044 (0)1632 960018' },
        { label: 'other', number: '77' },
      ],
      emails: [{ label: 'work', address: 'aine@harbour.example' }],
      birthday: { year: null, month: 2, day: 29 },
      labels: ['Pilots', 'pilots', 'Brest'],
      webPages: ['https://harbour.example'],
      languages: ['ga', 'fr'],
      notes: 'Only after ten.\nKnows the bar.',
    });
    expect(added.status).toBe(200);
    expect(added.body).toMatchObject({
      name: 'Áine Ó Dálaigh',
      version: 1,
      right: 'write',
      labels: ['Pilots', 'Brest'],
      numbers: [
        { number: '01632 960 017 ext. 12', e164: '+441632960017', extension: '12' },
        { e164: '+12025550123', extension: null, shown: '+1 202 555 0123' },
        { e164: '+441632960018' },
        { number: '77', e164: null, shown: '77' },
      ],
    });
    expect((await read(manager, added.body.id)).body).toEqual({ ...added.body, right: 'manage' });
  });

  it.each([
    ['nothing to show', { title: 'Harbour master' }],
    ['a day that is none', { name: 'A', birthday: { year: 2023, month: 2, day: 29 } }],
    ['a program for a web page', { name: 'A', webPages: ['javascript:alert(1)'] }],
    ['a name of two lines', { name: 'A\r\nTo: everybody' }],
    ['an address that is none', { name: 'A', emails: [{ label: 'work', address: 'nobody' }] }],
    ['too many numbers', { name: 'A', numbers: Array(21).fill({ label: 'work', number: '1' }) }],
    ['notes without end', { name: 'A', notes: 'x'.repeat(10_001) }],
    ['a company that is not there', { name: 'A', companyId: '01890000-0000-7000-8000-000000000000' }],
  ])('is refused with %s', async (_what, body) => {
    const { member, team } = await cast();
    expect((await add(member, team.id, body)).status).toBe(400);
  });

  it('is read by guests, written by members, and not there for others', async () => {
    const { member, guest, outsider, stranger, team, own } = await cast();
    const card = (await add(member, team.id, { name: 'Pilot station' })).body;
    expect((await read(guest, card.id)).status).toBe(200);
    expect((await add(guest, team.id, { name: 'No' })).status).toBe(403);
    expect((await change(guest, card.id, { name: 'No', version: 1 })).status).toBe(403);
    for (const who of [outsider, stranger]) {
      expect((await read(who, card.id)).status).toBe(404);
      expect((await add(who, team.id, { name: 'No' })).status).toBe(404);
      expect((await change(who, card.id, { name: 'No', version: 1 })).status).toBe(404);
      expect(
        (await test.client(who).call(api.deleteContacts, { body: { contactIds: [card.id] } })).status,
      ).toBe(404);
      expect(await find(who, {})).toEqual([]);
      expect((await test.client(who).call(api.listContacts, { query: { bookId: team.id } })).status).toBe(
        404,
      );
    }
    const secret = (await add(member, own.id, { name: 'Mine' })).body;
    expect((await read(guest, secret.id)).status).toBe(404);
    expect(await find(guest, {})).toEqual(['Pilot station']);
  });

  it('is not written over a version that was not seen', async () => {
    const { member, manager, team } = await cast();
    const card = (await add(member, team.id, { name: 'Lock office' })).body;
    const [one, other] = await Promise.all([
      change(member, card.id, { name: 'Lock office north', version: 1 }),
      change(manager, card.id, { name: 'Lock office south', version: 1 }),
    ]);
    expect([one.status, other.status].sort()).toEqual([200, 409]);
    const refused = one.status === 409 ? one.body : other.body;
    expect(refused).toMatchObject({
      code: 'contacts-changed',
      errors: [{ path: 'version', message: '2' }],
    });
    expect((await read(member, card.id)).body.version).toBe(2);
  });

  it('that was deleted is found by nothing, and can be had back as it was', async () => {
    const { member, team } = await cast();
    const card = (
      await add(member, team.id, { name: 'Tug', numbers: [{ label: 'work', number: '01632 960021' }] })
    ).body;
    await test.client(member).call(api.deleteContacts, { body: { contactIds: [card.id] } });
    expect((await read(member, card.id)).status).toBe(404);
    expect(await find(member, { text: 'tug' })).toEqual([]);
    expect((await contacts.names(member.orgId, member.id, ['+441632960021'])).size).toBe(0);
    await test.client(member).call(api.restoreContacts, { body: { contactIds: [card.id] } });
    for (const text of ['960021', '01632 960021']) expect(await find(member, { text })).toEqual(['Tug']);
    expect((await contacts.names(member.orgId, member.id, ['+441632960021'])).size).toBe(1);
  });
});

describe('the list', () => {
  it('is found as it is typed: accents, words in any order, numbers in any spelling, groups', async () => {
    const { member, team, own } = await cast();
    await add(member, team.id, {
      given: 'Zoë',
      family: 'Lefèvre',
      organisation: 'Phares & Balises',
      labels: ['Pilots'],
      numbers: [{ label: 'work', number: '+33 1 99 00 12 34' }],
      emails: [{ label: 'work', address: 'zoe@phares.example' }],
    });
    await add(member, own.id, { name: 'Ahmed', numbers: [{ label: 'work', number: '020 7946 0017' }] });
    await add(member, team.id, { kind: 'company', name: 'Zeeland Tugs' });
    expect(await find(member, {})).toEqual(['Ahmed', 'Zeeland Tugs', 'Zoë Lefèvre']);
    for (const text of [
      'zoe',
      'LEF',
      'lefevre zo',
      'phares',
      '01 99 00',
      '+33199001',
      '0033 1 99',
      'zoe@phares',
      'pilots',
    ]) {
      expect([text, await find(member, { text })]).toEqual([text, ['Zoë Lefèvre']]);
    }
    for (const text of ['020 7946', '7946 0017', '+44 (0)20 7946', '2079460017']) {
      expect([text, await find(member, { text })]).toEqual([text, ['Ahmed']]);
    }
    expect(await find(member, { text: '%' })).toEqual([]);
    expect(await find(member, { label: 'Pilots' })).toEqual(['Zoë Lefèvre']);
    expect(await find(member, { kind: 'company' })).toEqual(['Zeeland Tugs']);
    expect(await find(member, { bookId: own.id })).toEqual(['Ahmed']);
    expect((await test.client(member).call(api.listLabels)).body.rows).toEqual([
      { label: 'Pilots', count: 1 },
    ]);
  });

  it('goes page by page over several books without a gap, and refuses marks that are none', async () => {
    const { member, team, own } = await cast();
    const names = ['a', 'b', 'b', 'c', 'd', 'é', 'f'];
    for (const [at, name] of names.entries()) await add(member, at % 2 ? team.id : own.id, { name });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await test.client(member).call(api.listContacts, { query: { limit: 2, cursor } });
      seen.push(...body.rows.map(({ name }) => name));
      cursor = body.next ?? undefined;
    } while (cursor);
    expect(seen).toEqual(names);
    for (const bad of ['x', 'eyJ9', Buffer.from('["a","b"]').toString('base64url')]) {
      expect((await test.client(member).call(api.listContacts, { query: { cursor: bad } })).status).toBe(400);
    }
  });
});

describe('a company', () => {
  it('has its people by name or choice, and gives them the name that it has now', async () => {
    const { member, team } = await cast();
    const company = (await add(member, team.id, { kind: 'company', name: 'Harbour Works' })).body;
    const byName = (await add(member, team.id, { name: 'One', organisation: 'harbour works' })).body;
    const byChoice = (await add(member, team.id, { name: 'Two', companyId: company.id })).body;
    expect([byName.companyId, byChoice.companyId]).toEqual([company.id, company.id]);
    expect(await find(member, { companyId: company.id })).toEqual(['One', 'Two']);
    await change(member, company.id, { kind: 'company', name: 'Harbour Works Ltd', version: 1 });
    expect((await read(member, byName.id)).body.organisation).toBe('Harbour Works Ltd');
    await test.client(member).call(api.deleteContacts, { body: { contactIds: [company.id] } });
    expect((await read(member, byChoice.id)).body).toMatchObject({
      organisation: 'Harbour Works',
      companyId: null,
    });
  });
});

describe('names of numbers', () => {
  it('are those of the reader: her own book first, then her teams’', async () => {
    const { member, manager, outsider, team, own } = await cast();
    const number = [{ label: 'work' as const, number: '01632 960099' }];
    await add(member, team.id, { name: 'Pilot station', numbers: number });
    const mine = (
      await add(member, own.id, { name: 'Cousin Eva', organisation: 'Tide office', numbers: number })
    ).body;
    const ask = async (who: TestPerson, text: string) =>
      (await contacts.names(who.orgId, who.id, [text])).get(text)?.name;
    expect(await ask(member, '+441632960099')).toBe('Cousin Eva');
    expect(await ask(manager, '01632-960 099')).toBe('Pilot station');
    expect(await ask(outsider, '+441632960099')).toBeUndefined();
    for (const bad of ['', 'nobody', `+${'9'.repeat(79)}`, '+44\u0000'])
      expect(await ask(member, bad)).toBeUndefined();
    const { body } = await test
      .client(member)
      .call(api.namesOfNumbers, { query: { numbers: '+441632960099,+441632960000' } });
    expect(body.rows).toEqual([
      { number: '+441632960099', name: 'Cousin Eva', contactId: mine.id, organisation: 'Tide office' },
    ]);
  });
});

describe('duplicates', () => {
  it('are suggested by number, address and nearly equal name, merged field by field, and taken apart again', async () => {
    const { member, manager, guest, team } = await cast();
    const one = (
      await add(member, team.id, {
        name: 'Katherine Schmitt',
        numbers: [{ label: 'work', number: '01632 960031' }],
      })
    ).body;
    const two = (
      await add(member, team.id, {
        name: 'Schmit, Catherine',
        emails: [{ label: 'work', address: 'kate@example.org' }],
      })
    ).body;
    await add(member, team.id, { name: 'Somebody else' });
    const suggested = await test.client(member).call(api.listDuplicates, { params: { bookId: team.id } });
    expect(suggested.body.rows).toMatchObject([
      { reason: 'name', contacts: [{ id: one.id }, { id: two.id }] },
    ]);
    const { e164: _e, shown: _s, extension: _x, ...number } = one.numbers[0]!;
    const merge = (who: TestPerson, version = 1) =>
      test.client(who).call(api.mergeContacts, {
        body: {
          keep: { id: one.id, version },
          others: [{ id: two.id, version: 1 }],
          card: { name: 'Katherine Schmitt', numbers: [number], emails: two.emails },
        },
      });
    expect((await merge(guest)).status).toBe(403);
    expect((await merge(member, 7)).status).toBe(409);
    const merged = await merge(member);
    expect(merged.body.contact).toMatchObject({ id: one.id, version: 2, emails: two.emails });
    expect((await read(member, two.id)).status).toBe(404);
    const restored = await test.client(member).call(api.restoreContacts, { body: { contactIds: [two.id] } });
    expect(restored).toMatchObject({ status: 409, body: { code: 'contacts-merged' } });
    const undo = (who: TestPerson) =>
      test.client(who).call(api.undoMerge, { params: { mergeId: merged.body.mergeId } });
    expect((await undo(guest)).status).toBe(403);
    expect((await undo(manager)).body).toMatchObject({ name: 'Katherine Schmitt', emails: [] });
    expect((await read(member, two.id)).body).toMatchObject({ name: 'Schmit, Catherine', version: 3 });
    expect(await find(member, { text: 'catherine' })).toEqual(['Schmit, Catherine']);
    expect((await undo(member)).status).toBe(404);
  });

  it('are not taken apart after somebody changed what became of them', async () => {
    const { member, team } = await cast();
    const company = (await add(member, team.id, { kind: 'company', name: 'Tugs' })).body;
    const same = (await add(member, team.id, { kind: 'company', name: 'Tugs Ltd' })).body;
    const person = (await add(member, team.id, { name: 'Eva', companyId: same.id })).body;
    const { body } = await test.client(member).call(api.mergeContacts, {
      body: {
        keep: { id: company.id, version: 1 },
        others: [{ id: same.id, version: 1 }],
        card: { kind: 'company', name: 'Tugs' },
      },
    });
    expect((await read(member, person.id)).body.companyId).toBe(company.id);
    await change(member, company.id, { kind: 'company', name: 'Tugs & Co', version: 2 });
    const undone = await test.client(member).call(api.undoMerge, { params: { mergeId: body.mergeId } });
    expect([undone.status, undone.body.code]).toEqual([409, 'contacts-merge-changed']);
  });
});

it('knows the next birthdays, on the 28th in years without a 29 February', async () => {
  const { member, team, own } = await cast();
  await add(member, team.id, { name: 'Leap', birthday: { year: 2000, month: 2, day: 29 } });
  await add(member, own.id, { name: 'New Year', birthday: { year: null, month: 1, day: 1 } });
  await add(member, team.id, { name: 'Summer', birthday: { year: 1990, month: 7, day: 1 } });
  const from = (day: string, days: number) =>
    contacts.birthdays(member.orgId, member.id, { from: day, days });
  expect(await from('2026-12-20', 90)).toMatchObject([
    { name: 'New Year', date: '2027-01-01', turns: null },
    { name: 'Leap', date: '2027-02-28', turns: 27 },
  ]);
  expect(await from('2028-02-29', 1)).toMatchObject([{ date: '2028-02-29' }]);
  const answer = await test
    .client(member)
    .call(api.nextBirthdays, { query: { from: '2026-06-30', days: 2 } });
  expect(answer.body.rows).toMatchObject([{ name: 'Summer', turns: 36 }]);
  expect((await test.client(member).call(api.nextBirthdays, { query: { from: 'soon' } })).status).toBe(400);
});

it('gives a person her data, and forgets it twice without harm: what she gave to a team stays without her name', async () => {
  const { member, manager, team, own } = await cast();
  await add(member, own.id, { name: 'Cousin Eva' });
  const shared = (await add(member, team.id, { name: 'Pilot station' })).body;
  await test.core.db.read(member.orgId, async (tx) => {
    const files = new Map<string, string>();
    for await (const { path, content } of personalData.export(tx, member.id))
      files.set(path, String(content));
    expect(files.get('own-contacts.json')).toContain('Cousin Eva');
    expect(files.get('changed-contacts.json')).toContain(shared.id);
  });
  for (let times = 0; times < 2; times++) {
    await test.core.db.transaction(member.orgId, (tx) => personalData.erase(tx, member.id));
  }
  expect(await find(member, { text: 'cousin' })).toEqual([]);
  expect((await read(manager, shared.id)).body.changedById).toBeNull();
});

it('purges what was deleted long ago', async () => {
  const { member, team } = await cast();
  const card = (await add(member, team.id, { name: 'Gone' })).body;
  await test.client(member).call(api.deleteContacts, { body: { contactIds: [card.id] } });
  const purge = personalData.retention.find(({ what }) => what.includes('deleted'))?.purge;
  const count = (olderThan: Date) =>
    test.core.db.transaction(member.orgId, async (tx) => (await purge?.(tx, olderThan)) ?? -1);
  expect(await count(new Date(Date.now() - 86_400_000))).toBe(0);
  expect(await count(new Date(Date.now() + 1000))).toBe(1);
});

it('fills the demonstration once, with numbers that are kept for examples alone', async () => {
  const { member, teamId, team } = await cast();
  const demo = { orgId: member.orgId, person: () => member, team: () => teamId };
  await fillDemoContacts(test.core, demo);
  const names = await find(member, { bookId: team.id });
  expect(names).toContain('Zoë Lefèvre');
  expect(await find(member, { text: 'perpetua' })).toEqual(['Perpetua Quillon']);
  const { body } = await test.client(member).call(api.listContacts, { query: { text: 'zoe' } });
  expect(body.rows).toMatchObject([
    { organisation: 'Phares et Balises du Ponant', number: { e164: '+33199004017' } },
  ]);
  await fillDemoContacts(test.core, demo);
  expect(await find(member, { bookId: team.id })).toEqual(names);
});
