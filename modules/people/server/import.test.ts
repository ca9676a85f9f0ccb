import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acceptInvitation,
  cancelImport,
  commitImport,
  getImport,
  listImportRows,
  listPeople,
  listRefusedLines,
  listTeams,
  makeImportLinks,
  uploadImport,
} from '../contract/index.ts';
import { createPeople } from './actions/create-person.ts';
import { checkImport } from './import/check-import.ts';
import { readCsv } from './import/read-csv.ts';
import { runImport } from './import/run-import.ts';
import { createLineCheck } from './import/validate-lines.ts';
import { type Bench, createBench } from './testing/bench.ts';

const csv = (...lines: string[]) => Buffer.from(lines.join('\n'));

describe('reading', () => {
  it('takes what spreadsheets write', async () => {
    const lines = await readCsv(
      Buffer.from(
        '\uFEFFNom;E-mail;Poste;Équipes\r\n"Aubrieux; Claire";claire@a.example;4170;Legal;\r\n\r\n;;;\r\nX;y@a.example;;\r\n',
      ),
    );
    expect(lines).toEqual([
      {
        line: 2,
        values: { name: 'Aubrieux; Claire', address: 'claire@a.example', extension: '4170', teams: 'Legal' },
        extra: null,
      },
      { line: 5, values: { name: 'X', address: 'y@a.example', extension: '', teams: '' }, extra: null },
    ]);
    const western = await readCsv(Buffer.from('name\taddress\nIn\xeas\tines@a.example', 'latin1'));
    expect(western[0]!.values.name).toBe('Inês');
  });

  it.each([
    ['unreadable-csv', ''],
    ['unreadable-csv', 'name,address\n"never closed,x@a.example\n'],
    ['unreadable-csv', 'PK\u0003\u0004\0\0'],
    ['unreadable-csv', `name,address\n${'x'.repeat(20_000)},y@a.example`],
    ['columns-missing', 'name,extension\nX,12'],
    ['columns-missing', 'name,address,E-mail\nX,x@a.example,y@a.example'],
    ['too-many-lines', `name,address\n${'x,y\n'.repeat(50_001)}`],
  ])('refuses as %s', async (code, text) => {
    await expect(readCsv(Buffer.from(text))).rejects.toMatchObject({ code, status: 400 });
  });

  it('reads back every value that was written with quotes', async () => {
    const value = fc
      .string({ maxLength: 40 })
      .filter((text) => !text.includes('\0') && text.trim() === text)
      .map((text) => text.replace(/\r/g, ''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 }), async (rows) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = ['name,address', ...rows.map((row) => row.map(quote).join(','))].join('\n');
        const read = await readCsv(Buffer.from(text));
        const written = rows.filter((row) => row.some((each) => each.trim() !== ''));
        expect(read.map(({ values }) => [values.name, values.address])).toEqual(written);
      }),
    );
  });

  it('answers or refuses whatever bytes come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        try {
          const lines = await readCsv(Buffer.concat([Buffer.from('name,address\n'), bytes]));
          const check = await createLineCheck({
            domains: new Set(['a.example']),
            takenAddresses: new Set(),
            takenExtensions: new Set(),
            mayGive: () => true,
            region: undefined,
            timeZone: 'Europe/Lisbon',
          });
          for (const line of lines) {
            const { accepted, faults } = check(line);
            // Accepted, or refused with a reason.
            expect(accepted ?? faults[0]).toBeDefined();
          }
        } catch (error) {
          expect(error).toMatchObject({ status: 400 });
        }
      }),
    );
  });
});

describe('an import', () => {
  let bench: Bench;
  let organisation: Awaited<ReturnType<Bench['organisation']>>;
  beforeAll(async () => {
    bench = await createBench();
    organisation = await bench.organisation('alpha');
  });
  afterAll(() => bench.close());

  it('is validated whole, with every reason', async () => {
    const manager = organisation.members[1]!.browser;
    const file = csv(
      'name,address,extension,title,office,language,timezone,teams,numbers,role',
      'Kofi Asare-Menka,Kofi@alpha.example,4148,Chemist,Dakar,français,Africa/Dakar,Laboratory;Port study,+221 33 800 00 00,member',
      ',nobody@alpha.example',
      'No Address,',
      'Foreign,x@beta.example',
      'Twice,kofi@alpha.example,4148',
      'Taken,owner0@alpha.example',
      'Bad,bad@alpha.example,12a,,,de,Mars/Base,,call me,king',
      'Too High,high@alpha.example,,,,,,,,owner',
      'More,more@alpha.example,,,,,,,,,surplus',
      'Lucas Pharand,lucas@alpha.example',
    );
    const answer = await manager.call(uploadImport, {
      raw: file,
      query: { fileName: 'list.csv', region: 'SN' },
    });
    expect(answer.body).toMatchObject({ state: 'validated', lines: 10, accepted: 2, refused: 8, created: 0 });
    const params = { id: answer.body.id };
    const report = await manager.call(listRefusedLines, { params });
    const of = (line: number) =>
      report.body.rows.filter((row) => row.line === line).map((row) => `${row.column} ${row.code}`);
    expect([3, 4, 5, 6, 7, 8, 9, 10].map(of)).toEqual([
      ['name missing'],
      ['address missing'],
      ['address not-allowed'],
      ['address twice-in-file', 'extension twice-in-file'],
      ['address taken'],
      ['extension invalid', 'timezone invalid', 'language invalid', 'role invalid', 'numbers invalid'],
      ['role not-allowed'],
      ['null columns'],
    ]);
    expect((await manager.call(listPeople)).body.rows).toHaveLength(4);
    const rows = await manager.call(listImportRows, { params });
    expect(rows.body.rows.map((row) => row.address)).toEqual(['kofi@alpha.example', 'lucas@alpha.example']);
    expect((await manager.call(cancelImport, { params })).status).toBe(204);
    expect((await manager.call(getImport, { params })).status).toBe(404);
  });

  it('creates its people in batches, once, and hands out links', async () => {
    const { core } = bench.test;
    const manager = organisation.members[1]!;
    const count = 110;
    const file = csv(
      'name,address,extension,teams',
      ...Array.from(
        { length: count },
        (_, i) => `Person ${i},person${i}@alpha.example,${5000 + i},Field operations`,
      ),
    );
    const uploaded = await manager.browser.call(uploadImport, { raw: file });
    const params = { id: uploaded.body.id };
    // Somebody takes an address between the validation and the commit.
    await core.db.transaction(organisation.orgId, (tx) =>
      core.names.reserve(tx, { kind: 'address', name: 'person7@alpha.example', holderId: core.ids.next() }),
    );
    expect((await organisation.members[2]!.browser.call(commitImport, { params })).status).toBe(403);
    expect((await manager.browser.call(commitImport, { params })).body.state).toBe('running');
    expect((await manager.browser.call(commitImport, { params })).body.state).toBe('running');
    expect((await manager.browser.call(cancelImport, { params })).status).toBe(409);
    expect((await manager.browser.call(makeImportLinks, { params })).status).toBe(409);

    // A worker that dies after its first batch, and another that goes on.
    const job = { orgId: organisation.orgId, importId: params.id };
    let looks = 0;
    const dying = {
      get aborted() {
        looks += 1;
        return looks > 1;
      },
    } as AbortSignal;
    await runImport(bench.people.parts, job, { signal: dying });
    expect((await manager.browser.call(getImport, { params })).body).toMatchObject({
      state: 'running',
      done: 100,
    });
    await core.outbox.drain();
    await core.jobs.drain();
    await runImport(bench.people.parts, job, { signal: new AbortController().signal });
    expect((await manager.browser.call(getImport, { params })).body).toMatchObject({
      state: 'done',
      lines: count,
      created: count - 1,
      done: count,
      refused: 1,
    });
    const report = await manager.browser.call(listRefusedLines, { params });
    expect(report.body.rows).toMatchObject([{ line: 9, code: 'taken' }]);
    const teams = await manager.browser.call(listTeams);
    expect(teams.body.teams).toMatchObject([
      { name: 'Field operations', memberCount: count, myRole: 'manager' },
    ]);

    const links = await manager.browser.call(makeImportLinks, { params });
    expect(links.body.rows).toHaveLength(count - 1);
    const token = new URL(links.body.rows[0]!.link).hash.slice(1);
    const joined = await bench.browser().call(acceptInvitation, {
      body: { token, name: 'Person Zero', password: 'une péniche verte' },
    });
    expect(joined.body).toMatchObject({ state: 'signed-in', person: { extension: '5000' } });

    // The reaction twice: the job finds nothing left to do.
    await bench.replay();
    expect((await manager.browser.call(getImport, { params })).body.created).toBe(count - 1);
  });

  it('checks a long list step by step, tells how far it is, and goes on after a crash', async () => {
    const { core } = bench.test;
    const manager = organisation.members[1]!.browser;
    const lines = Array.from({ length: 2500 }, (_, i) => `Long ${i},long${i}@alpha.example`);
    // The last line repeats the first, which another process has checked.
    const file = csv('name,address', ...lines, 'Again,long0@alpha.example');
    const uploaded = await manager.call(uploadImport, { raw: file });
    expect(uploaded.body).toMatchObject({ state: 'checking', lines: 2501, checked: 0, accepted: 0 });
    const params = { id: uploaded.body.id };
    expect((await manager.call(commitImport, { params })).body.code).toBe('still-checking');

    const job = { orgId: organisation.orgId, importId: params.id };
    let looks = 0;
    const dying = {
      get aborted() {
        looks += 1;
        return looks > 1;
      },
    } as AbortSignal;
    await checkImport(bench.people.parts, job, { signal: dying });
    expect((await manager.call(getImport, { params })).body).toMatchObject({
      state: 'checking',
      checked: 1000,
      accepted: 1000,
    });
    await core.outbox.drain();
    await core.jobs.drain();
    expect((await manager.call(getImport, { params })).body).toMatchObject({
      state: 'validated',
      checked: 2501,
      accepted: 2500,
      refused: 1,
    });
    const report = await manager.call(listRefusedLines, { params });
    expect(report.body.rows).toMatchObject([{ line: 2502, code: 'twice-in-file' }]);
    const told = await bench.test.testDb.admin(
      `select payload from core.outbox where name = 'people.import-progressed' and payload->>'importId' = '${params.id}'
       order by seq`,
    );
    expect(told.map(({ payload }) => payload)).toMatchObject([
      { phase: 'checking', done: 1000, total: 2501, finished: false },
      { phase: 'checking', done: 2000, finished: false },
      { phase: 'checking', done: 2501, finished: true },
    ]);
    // The list itself is not kept.
    const [kept] = await bench.test.testDb.admin(
      `select file is null as gone from people.import where id = '${params.id}'`,
    );
    expect(kept).toEqual({ gone: true });
    // The job twice: nothing is left to check.
    await checkImport(bench.people.parts, job, { signal: new AbortController().signal });
    expect((await manager.call(cancelImport, { params })).status).toBe(204);
  });

  it('stops a check when the list is forgotten', async () => {
    const manager = organisation.members[1]!.browser;
    const lines = Array.from({ length: 2000 }, (_, i) => `Gone ${i},gone${i}@alpha.example`);
    const uploaded = await manager.call(uploadImport, { raw: csv('name,address', ...lines) });
    const params = { id: uploaded.body.id };
    const job = { orgId: organisation.orgId, importId: params.id };
    // Forgotten between its first and its second step.
    let forgotten: Promise<unknown> | undefined;
    let looks = 0;
    const signal = {
      get aborted() {
        looks += 1;
        if (looks === 2) forgotten = manager.call(cancelImport, { params });
        return false;
      },
    } as AbortSignal;
    const { transaction } = bench.test.core.db;
    const held = {
      ...bench.people.parts,
      core: {
        ...bench.test.core,
        db: {
          ...bench.test.core.db,
          transaction: async (...given: Parameters<typeof transaction>) => {
            await forgotten;
            return transaction(...given);
          },
        },
      },
    } as typeof bench.people.parts;
    await checkImport(held, job, { signal });
    expect((await forgotten) as { status: number }).toMatchObject({ status: 204 });
    expect((await manager.call(getImport, { params })).status).toBe(404);
    const left = await bench.test.testDb.admin(
      `select 1 from people.import_line where import_id = '${params.id}'`,
    );
    expect(left).toEqual([]);
  });

  it('makes of several whoever can be made; who gets an address only gives it back', async () => {
    const { core } = bench.test;
    const outcomes = await core.db.transaction(organisation.orgId, (tx) =>
      createPeople(core, tx, [
        { name: 'One', address: 'one@alpha.example', extension: '7001', role: 'member', status: 'invited' },
        { name: 'Two', address: 'two@alpha.example', extension: '7001', role: 'member', status: 'invited' },
        { name: 'Three', address: 'three@beta.example', role: 'member', status: 'invited' },
        {
          name: 'Four',
          address: 'four@alpha.example',
          role: 'member',
          status: 'invited',
          teamIds: [core.ids.next()],
        },
      ]),
    );
    expect(outcomes.map((outcome) => (typeof outcome === 'string' ? 'made' : outcome.code))).toEqual([
      'made',
      'name-taken',
      'foreign-domain',
      'not-found',
    ]);
    await core.db.transaction(organisation.orgId, async (tx) => {
      expect(await bench.people.byExtension(tx, '7001')).toMatchObject({ name: 'One' });
      for (const name of ['two@alpha.example', 'four@alpha.example']) {
        await core.names.reserve(tx, { kind: 'address', name, holderId: core.ids.next() });
      }
    });
  });

  it('brings five thousand people in, and says what became of each line', { timeout: 240_000 }, async () => {
    const { core } = bench.test;
    const owner = organisation.members[0]!.browser;
    const count = 5000;
    const lines = Array.from(
      { length: count },
      (_, i) =>
        `Crew ${i},${i % 100 === 99 ? 'no address' : `crew${i}@alpha.example`},,Deck,,,,Ship ${i % 7};Crews,+351 21${String(i).padStart(7, '0')}`,
    );
    const uploaded = await owner.call(uploadImport, {
      raw: csv('name,address,extension,title,office,language,timezone,teams,numbers', ...lines),
    });
    const params = { id: uploaded.body.id };
    await core.outbox.drain();
    await core.jobs.drain();
    expect((await owner.call(getImport, { params })).body).toMatchObject({
      state: 'validated',
      checked: count,
      accepted: count - 50,
      refused: 50,
    });
    await owner.call(commitImport, { params });
    await core.outbox.drain();
    await core.jobs.drain();
    expect((await owner.call(getImport, { params })).body).toMatchObject({
      state: 'done',
      created: count - 50,
      done: count - 50,
    });
    const [there] = await bench.test.testDb.admin(
      `select count(*)::integer as people, count(distinct personal_space_id)::integer as spaces,
         (select count(*)::integer from core.member m join people.person q on q.id = m.person_id
          where q.address like 'crew%' and m.space_id = q.org_id) as members,
         (select count(*)::integer from people.number n join people.person q on q.id = n.person_id
          where q.address like 'crew%') as numbers
       from people.person where address like 'crew%'`,
    );
    expect(there).toEqual({ people: 4950, spaces: 4950, members: 4950, numbers: 4950 });
    const found = await owner.call(listPeople, { query: { text: 'crew 4711' } });
    expect(found.body.rows[0]).toMatchObject({ name: 'Crew 4711', status: 'invited' });
    expect(found.body.rows[0]!.teams.map(({ name }) => name)).toEqual(['Crews', 'Ship 0']);
  });
});
