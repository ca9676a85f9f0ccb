import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import type { People, PersonSummary } from '@liaison/people';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as api from '../contract/index.ts';
import { type ImportParts, runImport } from './import/run-import.ts';
import { createContacts, migrations } from './index.ts';
import { loadNumbers } from './numbers.ts';

let test: TestCore;
let origin: string;
const people: Pick<People, 'find'> = {
  find: async (_tx, id) => ({ id, timeZone: 'Europe/London' }) as PersonSummary,
};
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  createContacts({ core: test.core, people });
  origin = await test.listen();
});
afterAll(() => test.close());

async function cast() {
  const { orgId, people: ours } = await test.organisation(['owner', 'member', 'guest']);
  const [manager, member, guest] = ours as [TestPerson, TestPerson, TestPerson];
  const teamId = await test.core.db.transaction(orgId, async (tx) => {
    for (const { id } of ours) {
      await test.core.spaces.create(tx, {
        kind: 'personal',
        name: 'own',
        members: [{ personId: id, role: 'manager' }],
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
  return { orgId, member, guest, teamId, book: rows.find(({ kind }) => kind === 'team')! };
}
async function send(who: TestPerson, bookId: string, file: string | Buffer, fileName = 'contacts.vcf') {
  const answer = await fetch(`${origin}/api/v1/contacts/books/${bookId}/imports?fileName=${fileName}`, {
    method: 'POST',
    headers: { ...test.client(who).headers, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(Buffer.from(file)),
  });
  return { status: answer.status, body: (await answer.json()) as api.ContactImport & { code?: string } };
}
const download = (who: TestPerson, path: string) =>
  fetch(`${origin}/api/v1/contacts/${path}`, { headers: test.client(who).headers });
const start = (who: TestPerson, importId: string, body: object = {}) =>
  test.client(who).call(api.startContactImport, { params: { importId }, body });
const stand = async (who: TestPerson, importId: string) =>
  (await test.client(who).call(api.getContactImport, { params: { importId } })).body;
async function runAll(): Promise<void> {
  await test.core.outbox.drain();
  await test.core.jobs.drain();
}
const names = async (who: TestPerson, bookId: string) =>
  (await test.client(who).call(api.listContacts, { query: { bookId } })).body.rows.map(({ name }) => name);
const vcard = (name: string, ...lines: string[]) =>
  ['BEGIN:VCARD', 'VERSION:4.0', `FN:${name}`, ...lines, 'END:VCARD', ''].join('\r\n');

it('shows what is in a file, adds it when it is told to, and says what it did not take', async () => {
  const { member, guest, book } = await cast();
  const file =
    vcard(
      'Zoë Lefèvre',
      'N:Lefèvre;Zoë;;;',
      'ORG:Phares',
      'TEL;TYPE=work:01632 960017',
      'PHOTO:data:image/png;base64,aGVsbG8=',
    ) +
    vcard('Nul\0') +
    vcard('Phares', 'KIND:org');
  expect((await send(guest, book.id, file)).status).toBe(403);
  const { status, body } = await send(member, book.id, file);
  expect({ status, body }).toMatchObject({
    status: 200,
    body: {
      state: 'ready',
      format: 'vcard',
      total: 3,
      preview: [{ line: 1, name: 'Zoë Lefèvre' }, { name: 'Phares' }],
    },
  });
  expect(await names(member, book.id)).toEqual([]);
  // Another person's import is nobody else's.
  expect(
    (await test.client(guest).call(api.getContactImport, { params: { importId: body.id } })).status,
  ).toBe(404);
  const running = async (who: TestPerson) =>
    (await test.client(who).call(api.listRunningContactImports)).body.rows.map(({ id }) => id);
  expect(await running(member)).toEqual([]);
  expect((await start(member, body.id)).body.state).toBe('running');
  // Whoever comes back to the page finds it, and nobody else does.
  expect([await running(member), await running(guest)]).toEqual([[body.id], []]);
  await runAll();
  expect(await running(member)).toEqual([]);
  expect(await stand(member, body.id)).toMatchObject({
    state: 'done',
    done: 3,
    added: 2,
    faultCount: 2,
    faults: [
      { line: 1, code: 'photo' },
      { line: 11, code: 'unreadable' },
    ],
  });
  const { rows } = (await test.client(member).call(api.listContacts, { query: { bookId: book.id } })).body;
  // She works at the company that came after her in the file.
  expect(rows).toMatchObject([
    { name: 'Phares', kind: 'company' },
    { name: 'Zoë Lefèvre', organisation: 'Phares', number: { e164: '+441632960017' } },
  ]);
  expect((await start(member, body.id)).body.code).toBe('contacts-import-over');
});

it('leaves, completes or repeats what the book has already, as it is told', async () => {
  const { member, book } = await cast();
  const take = async (file: string, duplicates: api.DuplicateChoice) => {
    const { body } = await send(member, book.id, file);
    await start(member, body.id, { duplicates });
    await runAll();
    return stand(member, body.id);
  };
  const first = vcard('Zoë Lefèvre', 'EMAIL:zoe@phares.example', 'NOTE:First.', 'X-OWN:kept');
  expect(await take(first + first, 'skip')).toMatchObject({ added: 1, skipped: 1 });
  const more = vcard(
    'Lefevre Zoe',
    'EMAIL:ZOE@phares.example',
    'TEL:+44 1632 960017',
    'NOTE:Second.',
    'X-OTHER:kept',
  );
  expect(await take(more, 'skip')).toMatchObject({ added: 0, skipped: 1, merged: 0 });
  expect(await take(more + more, 'merge')).toMatchObject({ added: 0, skipped: 1, merged: 1 });
  // The same name with nothing in common is somebody else.
  expect(await take(vcard('Zoë Lefèvre', 'EMAIL:other@phares.example'), 'merge')).toMatchObject({ added: 1 });
  expect(await take(first, 'add')).toMatchObject({ added: 1 });
  const { rows } = (await test.client(member).call(api.listContacts, { query: { bookId: book.id } })).body;
  expect(rows.map(({ name }) => name)).toEqual(['Zoë Lefèvre', 'Zoë Lefèvre', 'Zoë Lefèvre']);
  const contactId = rows.find(({ number }) => number !== null)!.id;
  const text = await (await download(member, `cards/${contactId}/vcard`)).text();
  for (const line of ['NOTE:First.\\n\\nSecond.', 'X-OWN:kept', 'X-OTHER:kept', 'TEL:+44 1632 960017']) {
    expect(text).toContain(`${line}\r\n`);
  }
});

it('takes back what a file added, but nothing that somebody has changed since, or had before', async () => {
  const { orgId, member, guest, teamId, book } = await cast();
  const client = test.client(member);
  const become = (role: 'guest' | 'member') =>
    test.core.db.transaction(orgId, (tx) => test.core.spaces.setMember(tx, teamId, member.id, role));
  const bring = async (file: string, duplicates: api.DuplicateChoice = 'skip') => {
    const { id } = (await send(member, book.id, file)).body;
    await start(member, id, { duplicates });
    return id;
  };
  const undo = (who: TestPerson, importId: string) =>
    test.client(who).call(api.undoContactImport, { params: { importId } });
  const recent = async (who: TestPerson) =>
    (await test.client(who).call(api.listRecentContactImports)).body.rows;

  const first = await bring(vcard('Zoë Lefèvre', 'TEL:+44 1632 960017'));
  expect((await undo(member, first)).body).toMatchObject({ code: 'contacts-import-running' });
  await runAll();
  expect(await recent(member)).toMatchObject([{ id: first, cards: 1, fileName: 'contacts.vcf' }]);
  const second = await bring(
    vcard('Zoë Lefèvre', 'TEL:+44 1632 960017', 'EMAIL:zoe@phares.example') +
      vcard('Ana Prado', 'TEL:+44 1632 960018') +
      vcard('Rui Matos', 'TEL:+44 1632 960019'),
    'merge',
  );
  await runAll();
  expect(await recent(member)).toMatchObject([{ id: second, cards: 2 }]);
  expect(await recent(guest)).toEqual([]);
  const rui = (await client.call(api.listContacts, { query: { text: 'Rui' } })).body.rows[0]!;
  await client.call(api.groupContacts, { body: { contactIds: [rui.id], add: ['Pilots'], remove: [] } });

  // It is nobody else's, and a right that is gone ends it.
  expect((await undo(guest, second)).status).toBe(404);
  await become('guest');
  expect((await undo(member, second)).status).toBe(403);
  await become('member');
  expect((await undo(member, second)).body).toEqual({ undone: 1, left: 0 });
  expect((await undo(member, second)).body).toEqual({ undone: 0, left: 0 });
  expect(await names(member, book.id)).toEqual(['Rui Matos', 'Zoë Lefèvre']);
  expect((await client.call(api.listContacts, { query: { text: '960018' } })).body.rows).toEqual([]);
  expect(await stand(member, second)).toMatchObject({ state: 'done', added: 1, merged: 1 });

  // Zoë was completed by the second file: the first does not take that away.
  expect((await undo(member, first)).body).toEqual({ undone: 0, left: 0 });
  const third = await bring(vcard('Old News'));
  await runAll();
  await test.testDb.admin("update contacts.import set created_at = now() - interval '8 days' where id = $1", [
    third,
  ]);
  expect(await recent(member)).toEqual([]);
  expect((await undo(member, third)).body).toMatchObject({ code: 'contacts-import-old' });
  expect(await names(member, book.id)).toContain('Old News');
});

it('goes on after a killed process where it was, and adds nobody twice', async () => {
  const { orgId, member, book } = await cast();
  const count = 450;
  const file = Array.from({ length: count }, (_, at) =>
    vcard(`Name ${String(at).padStart(4, '0')}`, `NOTE:${at}`),
  ).join('');
  const { body } = await send(member, book.id, file);
  await start(member, body.id, { duplicates: 'add' });
  const { core } = test;
  const parts: ImportParts = {
    core,
    needs: {
      emit: core.outbox.emit,
      spaces: core.spaces,
      audit: core.audit,
      site: 1,
      nextId: () => core.ids.next(),
    },
    readingFor: async () => ({ read: await loadNumbers(), timeZone: 'Europe/London' }),
  };
  const job = { orgId, importId: body.id, personId: member.id };
  let asked = 0;
  // It dies within the second batch, of which nothing was written.
  const dying = {
    get aborted() {
      asked += 1;
      return asked > 250;
    },
  } as AbortSignal;
  await runImport(parts, job, { signal: dying, attempt: 1 });
  expect(await stand(member, body.id)).toMatchObject({ state: 'running', done: 200, added: 200 });
  const params = { importId: body.id };
  expect((await test.client(member).call(api.stopContactImport, { params })).body.state).toBe('stopped');
  const signal = new AbortController().signal;
  await runImport(parts, job, { signal, attempt: 1 });
  expect((await stand(member, body.id)).done).toBe(200);
  expect((await start(member, body.id)).body.state).toBe('running');
  await Promise.all([
    runImport(parts, job, { signal, attempt: 1 }),
    runImport(parts, job, { signal, attempt: 1 }),
  ]);
  expect(await stand(member, body.id)).toMatchObject({ state: 'done', done: count, added: count });
  const [found] = await test.core.db.read(orgId, (tx) =>
    tx.query(
      'select count(*)::int as count, count(distinct name)::int as names from contacts.contact where book_id = $1',
      [book.id],
    ),
  );
  expect(found).toEqual({ count, names: count });
});

it('ends an import whose owner may not write there any more', async () => {
  const { orgId, member, book, teamId } = await cast();
  const { body } = await send(member, book.id, vcard('Zoë'));
  await start(member, body.id);
  await test.core.db.transaction(orgId, (tx) => test.core.spaces.removeMember(tx, teamId, member.id));
  await runAll();
  expect(await stand(member, body.id)).toMatchObject({ state: 'failed', added: 0 });
});

it('refuses what is no file of cards, and what is too large', async () => {
  const { member, book } = await cast();
  for (const file of ['', 'hello', Buffer.from('PK\x03\x04\0\0'), 'Name,E-mail\n']) {
    const { status, body } = await send(member, book.id, file, 'a.csv');
    expect({ status, code: body.code }).toEqual({ status: 415, code: 'contacts-file-unreadable' });
  }
  const large = Buffer.alloc(api.maxImportBytes + 1, 'x');
  expect((await send(member, book.id, large)).status).toBe(413);
  expect((await send(member, book.id, large.subarray(0, api.maxTableBytes + 1))).status).toBe(413);
});

it('takes a table with its columns set right, and gives the book as files that come back', async () => {
  const { orgId, member, guest, book } = await cast();
  const { body } = await send(
    member,
    book.id,
    'Who;Where;Remark\nZoë;+44 1632 960017;=1+1\nÁine;;-\n',
    'mine.csv',
  );
  expect(body.columns).toEqual([
    { heading: 'Who', field: 'skip', example: 'Zoë' },
    { heading: 'Where', field: 'skip', example: '+44 1632 960017' },
    { heading: 'Remark', field: 'skip', example: '=1+1' },
  ]);
  expect((await start(member, body.id, { fields: ['name'] })).status).toBe(400);
  await start(member, body.id, { fields: ['name', 'number-mobile', 'notes'] });
  await runAll();
  expect(await names(member, book.id)).toEqual(['Áine', 'Zoë']);
  const get = async (format: api.ExportFormat) => {
    const answer = await download(guest, `books/${book.id}/export?format=${format}`);
    expect(answer.status).toBe(200);
    return answer.text();
  };
  const table = await get('csv');
  const log = await test.core.db.read(orgId, (tx) => test.core.audit.list(tx, { limit: 10 }));
  expect(log.rows).toMatchObject([
    {
      action: 'contacts.book-exported',
      personId: guest.id,
      subjectId: book.id,
      details: { format: 'csv' },
    },
    {
      action: 'contacts.import-started',
      personId: member.id,
      subjectId: book.id,
      details: { importId: body.id, total: 2, done: 0 },
    },
  ]);
  expect(table).toContain("'=1+1");
  expect(table).toContain('Mobile,+44 1632 960017');
  for (const file of [table, await get('vcard3'), await get('vcard4')]) {
    const again = (await send(member, book.id, file)).body;
    await start(member, again.id, { duplicates: 'merge' });
    await runAll();
    expect(await stand(member, again.id)).toMatchObject({
      state: 'done',
      added: 0,
      skipped: 2,
      merged: 0,
      faultCount: 0,
    });
  }
});
