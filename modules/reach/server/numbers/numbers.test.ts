import { randomUUID } from 'node:crypto';
import { deleteMessage, editMessage, listConversations, openDirect, sendMessage } from '@liaison/chat';
import { migrations as chatMigrations, content, createChat } from '@liaison/chat/server';
import { createContact, listBooks } from '@liaison/contacts';
import { migrations as contactsMigrations, createContacts } from '@liaison/contacts/server';
import type { Role } from '@liaison/core/contract';
import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import { createFiles, migrations as filesMigrations } from '@liaison/files/server';
import { organisationChanged, type People, type PersonSummary, teamCreated } from '@liaison/people';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  countriesOfWriters,
  holdersOfNumbers,
  listNumberMentions,
  type NumberMention,
} from '../../contract/index.ts';
import { createNumbers, migrations, personalData } from '../index.ts';

const marseille = '+33491223344';

let test: TestCore;
let numbers: ReturnType<typeof createNumbers>;

/** What people is asked: members of the test's organisations, of whom some have a number, an extension or live elsewhere. */
const known = new Map<string, Partial<PersonSummary> & { e164?: string }>();
let homeZone = 'Europe/Lisbon';
const summaryOf = (id: string): PersonSummary | null => {
  const person = known.get(id);
  return person ? ({ id, status: 'active', timeZone: homeZone, ...person } as PersonSummary) : null;
};
const whoHas = (
  is: (person: Partial<PersonSummary> & { e164?: string }) => boolean,
): PersonSummary | null => {
  const id = [...known].find(([, person]) => is(person))?.[0];
  return id === undefined ? null : summaryOf(id);
};
const people = {
  find: async (_tx: unknown, id: string) => summaryOf(id),
  findMany: async (_tx: unknown, ids: readonly string[]) =>
    new Map(ids.flatMap((id) => (summaryOf(id) ? [[id, summaryOf(id)!] as const] : []))),
  personalSpace: async (_tx: unknown, id: string) => id,
  organisation: async () => ({ timeZone: homeZone }),
  byNumber: async (_tx: unknown, e164: string) => whoHas((person) => person.e164 === e164),
  byExtension: async (_tx: unknown, extension: string) => whoHas((person) => person.extension === extension),
} as unknown as People;

beforeAll(async () => {
  test = await createTestCore({ sources: [filesMigrations, chatMigrations, contactsMigrations, migrations] });
  createChat({ core: test.core, people, files: createFiles({ core: test.core }).sent });
  const contacts = createContacts({ core: test.core, people });
  numbers = createNumbers({ core: test.core, people, contacts, sources: content });
  await test.listen();
});
afterAll(() => test.close());

/** An organisation with a team of its first three people and the guest; the fourth is outside of the team. */
async function office(): Promise<{
  orgId: string;
  alice: TestPerson;
  bob: TestPerson;
  guest: TestPerson;
  outsider: TestPerson;
  spaceId: string;
  conversationId: string;
}> {
  const roles: readonly Role[] = ['owner', 'member', 'guest', 'member'];
  const { orgId, people: made } = await test.organisation(roles);
  for (const { id } of made) known.set(id, { name: `Somebody ${known.size}` });
  const [alice, bob, guest, outsider] = made as [TestPerson, TestPerson, TestPerson, TestPerson];
  const spaceId = await test.core.db.transaction(orgId, async (tx) => {
    for (const person of made) {
      await test.core.spaces.create(tx, {
        id: test.core.ids.next(),
        kind: 'personal',
        name: 'own',
        members: [{ personId: person.id, role: 'manager' }],
      });
    }
    const space = await test.core.spaces.create(tx, {
      kind: 'team',
      name: 'Port study',
      members: [
        { personId: alice.id, role: 'manager' },
        { personId: bob.id, role: 'member' },
        { personId: guest.id, role: 'guest' },
      ],
    });
    test.core.outbox.emit(tx, teamCreated, { spaceId: space.id, kind: 'team' });
    return space.id;
  });
  await settle();
  const { body } = await test.client(alice).call(listConversations);
  const conversationId = body.rows.find((row) => row.spaceId === spaceId)!.id;
  return { orgId, alice, bob, guest, outsider, spaceId, conversationId };
}

const settle = async (): Promise<void> => {
  await test.core.outbox.drain();
  await test.core.outbox.drain();
};
const say = async (who: TestPerson, conversationId: string, body: string): Promise<string> => {
  const sent = await test
    .client(who)
    .call(sendMessage, { params: { conversationId }, body: { clientKey: randomUUID(), body } });
  expect(sent.status).toBeLessThan(300);
  return sent.body.id;
};
const mentions = async (who: TestPerson, e164 = marseille, query = {}): Promise<NumberMention[]> =>
  (await test.client(who).call(listNumberMentions, { params: { e164 }, query })).body.rows;

describe('places that mention a number', () => {
  it('are found in any spelling, with a line around it, by those who may read there', async () => {
    const { alice, bob, guest, outsider, conversationId } = await office();
    const stranger = (await office()).alice;
    const long = 'The harbour office answers until six. '.repeat(6);
    const id = await say(
      alice,
      conversationId,
      `${long}**Call** 00 33 (0)4 91 22 33 44 about the _tide_. ${long}`,
    );
    await settle();
    for (const who of [alice, bob, guest]) {
      const [found, ...more] = await mentions(who);
      expect(more).toEqual([]);
      expect(found).toMatchObject({
        kind: 'chat.message',
        id,
        title: '',
        container: 'Port study',
        personIds: [alice.id],
        path: `/chat/${conversationId}?m=1`,
      });
      const { text, start, end } = found!.passage;
      expect(text.slice(start, end)).toBe('00 33 (0)4 91 22 33 44');
      expect(text).toContain('Call 00 33');
      expect(text.length).toBeLessThan(220);
    }
    for (const who of [outsider, stranger]) expect(await mentions(who)).toEqual([]);
    const answers = [
      await test.client().call(listNumberMentions, { params: { e164: marseille } }),
      await test.client(alice).call(listNumberMentions, { params: { e164: '0491223344' } }),
      await test
        .client(alice)
        .call(listNumberMentions, { params: { e164: marseille }, query: { cursor: 'x' } }),
      await test
        .client(alice)
        .call(listNumberMentions, { params: { e164: marseille }, query: { limit: 51 } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 400, 400, 400]);
  });

  it('change and go with what is written', async () => {
    const { alice, bob, conversationId } = await office();
    const messageId = await say(alice, conversationId, `ring ${marseille}`);
    await settle();
    expect(await mentions(bob)).toHaveLength(1);
    await test
      .client(alice)
      .call(editMessage, { params: { messageId }, body: { body: 'ring +351213456789' } });
    // Before anybody followed it: what is shown is what stands there.
    expect(await mentions(bob)).toEqual([]);
    await settle();
    expect(await mentions(bob)).toEqual([]);
    expect(await mentions(bob, '+351213456789')).toHaveLength(1);
    await test.client(alice).call(deleteMessage, { params: { messageId } });
    expect(await mentions(bob, '+351213456789')).toEqual([]);
    await settle();
    expect(
      await test.testDb.admin('select from reach.number_mention where document_id = $1', [messageId]),
    ).toEqual([]);
  });

  it('are gone for who leaves, at her next question', async () => {
    const { orgId, alice, bob, spaceId, conversationId } = await office();
    await say(alice, conversationId, marseille);
    await settle();
    expect(await mentions(bob)).toHaveLength(1);
    await test.core.db.transaction(orgId, (tx) => test.core.spaces.removeMember(tx, spaceId, bob.id));
    expect(await mentions(bob)).toEqual([]);
    expect(await mentions(alice)).toHaveLength(1);
  });

  it('follow grants on their conversation', async () => {
    const { orgId, alice, bob, outsider, spaceId, conversationId } = await office();
    await say(alice, conversationId, marseille);
    await settle();
    const place = { spaceId, containerId: conversationId };
    const grantIds = await test.core.db.transaction(orgId, async (tx) => [
      await test.core.spaces.grant(tx, place, { principal: { kind: 'person', id: bob.id }, right: 'none' }),
      await test.core.spaces.grant(tx, place, {
        principal: { kind: 'person', id: outsider.id },
        right: 'read',
      }),
    ]);
    expect(await mentions(bob)).toEqual([]);
    expect(await mentions(outsider)).toHaveLength(1);
    await test.core.db.transaction(orgId, async (tx) => {
      for (const id of grantIds) await test.core.spaces.revoke(tx, id);
    });
    expect(await mentions(bob)).toHaveLength(1);
    expect(await mentions(outsider)).toEqual([]);
  });

  it('come newest first, page by page, with others between them', async () => {
    const { alice, bob, outsider, conversationId } = await office();
    const { body: direct } = await test.client(bob).call(openDirect, { body: { personId: outsider.id } });
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      ids.unshift(await say(alice, conversationId, `${i}: ${marseille}`));
      await say(outsider, direct.id, `not for Alice ${i}: ${marseille}`);
    }
    await settle();
    const seen: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const { body }: { body: { rows: NumberMention[]; next: string | null } } = await test
        .client(alice)
        .call(listNumberMentions, {
          params: { e164: marseille },
          query: { limit: 2, ...(cursor === null ? {} : { cursor }) },
        });
      seen.push(...body.rows.map(({ id }) => id));
      cursor = body.next;
      pages += 1;
    } while (cursor !== null);
    expect(seen).toEqual(ids);
    expect(pages).toBe(3);
    expect(await mentions(bob)).toHaveLength(10);
  });

  it('without a country are of the writer’s, or else of the organisation’s', async () => {
    const { alice, bob, conversationId } = await office();
    known.set(bob.id, { timeZone: 'Africa/Dakar' });
    await say(bob, conversationId, 'le 77 123 45 67 ou le 213 456 789');
    await say(alice, conversationId, '77 123 45 67');
    await settle();
    expect(await mentions(alice, '+221771234567')).toHaveLength(1);
    expect(await mentions(alice, '+351213456789')).toHaveLength(1);
    const asked = await test
      .client(alice)
      .call(countriesOfWriters, { query: { people: `${bob.id},${randomUUID()}` } });
    expect(asked.body).toMatchObject({ organisation: 'PT', rows: [{ personId: bob.id, country: 'SN' }] });
  });

  it('in what somebody had alone are gone when she is erased, and stay where others are', async () => {
    const { orgId, alice, bob, conversationId } = await office();
    await say(alice, conversationId, marseille);
    await settle();
    const [own] = await test.testDb.admin(
      `select s.id from core.space s join core.member m on m.space_id = s.id
       where s.kind = 'personal' and m.person_id = $1`,
      [alice.id],
    );
    await test.testDb.admin(
      `insert into reach.number_mention (org_id, kind, document_id, e164, space_id, at)
       values ($1, 'files.file', 'gone', $2, $3, now())`,
      [orgId, marseille, own?.id],
    );
    const kept = async () =>
      (
        await test.testDb.admin('select kind from reach.number_mention where org_id = $1 order by kind', [
          orgId,
        ])
      ).map(({ kind }) => kind);
    const erase = (personId: string) =>
      test.core.db.transaction(orgId, (tx) => personalData.erase(tx, personId));
    await erase(bob.id);
    expect(await kept()).toEqual(['chat.message', 'files.file']);
    for (let twice = 0; twice < 2; twice += 1) await erase(alice.id);
    expect(await kept()).toEqual(['chat.message']);
  });

  it('are read anew, each once, where nobody followed them or numbers are read in another way', async () => {
    const { orgId, alice, conversationId } = await office();
    await say(alice, conversationId, 'ring 091 234 56 78 or 0491223344');
    await settle();
    await test.testDb.admin('delete from reach.number_mention where org_id = $1', [orgId]);
    await test.testDb.admin("delete from core.content_reading where follower = 'reach.numbers'");
    await numbers.readAnew();
    const howFar = () =>
      test.testDb.admin(
        "select kind, done_at, documents::int from core.content_reading where org_id = $1 and follower = 'reach.numbers'",
        [orgId],
      );
    const [first, ...more] = await howFar();
    expect([first?.kind, first?.documents, more]).toEqual(['chat.message', 1, []]);
    await numbers.readAnew();
    expect(await howFar()).toEqual([first]);
    expect(await mentions(alice)).toEqual([]);
    // The organisation moves to France.
    homeZone = 'Europe/Paris';
    try {
      await test.core.db.transaction(orgId, async (tx) =>
        test.core.outbox.emit(tx, organisationChanged, { orgId }),
      );
      await settle();
      await test.core.jobs.drain();
      expect(await mentions(alice)).toHaveLength(1);
    } finally {
      homeZone = 'Europe/Lisbon';
    }
  });
});

describe('whose a number is', () => {
  const holders = async (who: TestPerson, ...asked: string[]) =>
    (await test.client(who).call(holdersOfNumbers, { query: { numbers: asked.join(',') } })).body.rows;

  it('is a colleague, a card of my books, or nobody’s, for each reader by what she may see', async () => {
    const { alice, bob, guest, outsider } = await office();
    known.set(outsider.id, { name: 'Njeri', e164: '+254711000001', extension: '4711' });
    const { rows: books } = (await test.client(alice).call(listBooks)).body;
    const own = books.find(({ kind }) => kind === 'personal')!;
    const card = await test.client(alice).call(createContact, {
      params: { bookId: own.id },
      body: { name: 'Pilot station', numbers: [{ label: 'work', number: '+33 4 91 22 33 44' }] },
    });
    expect(card.status).toBe(200);
    const asked = ['+254711000001', '4711', marseille, '+351210000000', '4712'];
    expect(await holders(alice, ...asked)).toEqual([
      { number: '+254711000001', holder: { is: 'person', personId: outsider.id, name: 'Njeri' } },
      { number: '4711', holder: { is: 'person', personId: outsider.id, name: 'Njeri' } },
      { number: marseille, holder: { is: 'card', contactId: card.body.id, name: 'Pilot station' } },
      { number: '+351210000000', holder: { is: 'nobody' } },
      { number: '4712', holder: { is: 'nobody' } },
    ]);
    const is = async (who: TestPerson) => (await holders(who, ...asked)).map(({ holder }) => holder.is);
    // Another's private book says nothing to Bob, and a guest does not see whom she shares nothing with.
    expect(await is(bob)).toEqual(['person', 'person', 'nobody', 'nobody', 'nobody']);
    expect(await is(guest)).toEqual(['nobody', 'nobody', 'nobody', 'nobody', 'nobody']);
    known.set(outsider.id, { ...known.get(outsider.id), status: 'suspended' });
    expect(await is(bob)).toEqual(['nobody', 'nobody', 'nobody', 'nobody', 'nobody']);
    known.delete(outsider.id);
  });

  it('is asked for a hundred at once, and refused for what is none', async () => {
    const { alice } = await office();
    const many = Array.from({ length: 101 }, (_, i) => `+3519100000${String(i).padStart(2, '0')}`);
    expect(await holders(alice, ...many.slice(0, 100))).toHaveLength(100);
    const refused = [many.join(','), '', ',', '0491223344x', "+351' or true", 'sip:a@b'];
    for (const asked of refused) {
      const answer = await test.client(alice).call(holdersOfNumbers, { query: { numbers: asked } });
      expect([asked.slice(0, 20), answer.status]).toEqual([asked.slice(0, 20), 400]);
    }
    expect((await test.client().call(holdersOfNumbers, { query: { numbers: marseille } })).status).toBe(401);
  });
});
