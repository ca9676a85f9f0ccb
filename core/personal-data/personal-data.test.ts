import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAudit } from '../audit/index.ts';
import type { Tx } from '../db/index.ts';
import { createIds } from '../ids/index.ts';
import { createJobs, type Jobs } from '../jobs/index.ts';
import { createTestDb, type TestDb } from '../testing/test-db.ts';
import { createPersonalData, type PersonalData } from './index.ts';

let test: TestDb;
let jobs: Jobs;
let orgId: string;
const ids = createIds({ site: 1 });
const audit = createAudit({ nextId: () => ids.next() });
const personId = ids.next();
const log = { debug() {}, info() {}, warn() {}, error() {} };

beforeAll(async () => {
  test = await createTestDb();
});
beforeEach(async () => {
  jobs = createJobs({ db: test.db, log });
  orgId = ids.next();
  await test.admin(
    "insert into core.space (id, org_id, kind, name, home_site) values ($1, $1, 'organisation', 'Estuaria', 1)",
    [orgId],
  );
});
afterEach(() => jobs.stop());
afterAll(() => test.close());

/** Memberships stand for a module's rows: a table of the floor that every test database has. */
const memberships = (more: Partial<PersonalData> = {}): PersonalData => ({
  module: 'spaces',
  async *export(tx, person) {
    const rows = await tx.query('select space_id, role from core.member where person_id = $1', [person]);
    yield { path: 'memberships.json', content: JSON.stringify(rows) };
  },
  async erase(tx, person) {
    await tx.query('delete from core.member where person_id = $1', [person]);
  },
  retention: [],
  ...more,
});
const addMembership = (org = orgId) =>
  test.admin("insert into core.member (org_id, space_id, person_id, role) values ($1, $2, $3, 'member')", [
    org,
    ids.next(),
    personId,
  ]);
const members = async () =>
  (await test.admin('select 1 from core.member where person_id = $1 and org_id = $2', [personId, orgId]))
    .length;

async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-unzip-'));
  try {
    await writeFile(join(folder, 'export.zip'), bytes);
    const script =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])';
    await promisify(execFile)('python3', ['-c', script, join(folder, 'export.zip'), join(folder, 'out')]);
    const files = new Map<string, Buffer>();
    for (const entry of await readdir(join(folder, 'out'), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files.set(path.slice(join(folder, 'out').length + 1), await readFile(path));
    }
    return files;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('an export', () => {
  it('is one zip with a folder per module and a manifest that fits it', async () => {
    await addMembership();
    const photo = Buffer.alloc(3_000_000, 'pixels');
    const people: PersonalData = {
      module: 'people',
      async *export() {
        yield { path: 'profile.json', content: '{"name":"Inês"}' };
        yield {
          path: 'pictures/Inês à la plage.jpg',
          content: Readable.from([photo.subarray(0, 10), photo.subarray(10)]),
        };
        yield { path: 'empty.txt', content: '' };
      },
      async erase() {},
      retention: [{ what: 'Sign-in times', days: 90, why: 'To notice strangers.' }],
    };
    const personalData = createPersonalData([people, memberships()], { db: test.db, jobs, audit });
    const made = await personalData.export(orgId, personId);
    const bytes = await buffer(made.stream);
    expect(bytes.length).toBe(made.sizeBytes);
    const files = await unzip(bytes);
    expect([...files.keys()].sort()).toEqual([
      'audit/audit.json',
      'manifest.json',
      'people/empty.txt',
      'people/pictures/Inês à la plage.jpg',
      'people/profile.json',
      'spaces/memberships.json',
    ]);
    expect(files.get('people/pictures/Inês à la plage.jpg')!.equals(photo)).toBe(true);
    expect(JSON.parse(files.get('spaces/memberships.json')!.toString())).toHaveLength(1);
    const manifest = JSON.parse(files.get('manifest.json')!.toString());
    expect(manifest).toMatchObject({ orgId, personId });
    expect(manifest.retention).toContainEqual({
      module: 'people',
      what: 'Sign-in times',
      days: 90,
      why: 'To notice strangers.',
    });
    expect(manifest.files).toHaveLength(5);
    for (const { path, sizeBytes, sha256 } of manifest.files) {
      expect(files.get(path)!.length).toBe(sizeBytes);
      expect(createHash('sha256').update(files.get(path)!).digest('hex')).toBe(sha256);
    }
    const { rows } = await test.db.read(orgId, (tx) => audit.list(tx, { limit: 10 }));
    expect(rows).toMatchObject([
      { action: 'core.person-exported', subjectId: personId, details: { files: 5 } },
    ]);
  });

  it('of another organisation holds nothing of this one', async () => {
    await addMembership(ids.next());
    const personalData = createPersonalData([memberships()], { db: test.db, jobs, audit });
    const files = await unzip(await buffer((await personalData.export(orgId, personId)).stream));
    expect(JSON.parse(files.get('spaces/memberships.json')!.toString())).toEqual([]);
  });

  it.each([
    '../outside.txt',
    '/etc/passwd',
    'a/../../b',
    '',
    'a//b',
    './a',
    'a\u0000b',
    'a\\b',
    'x'.repeat(200),
  ])('refuses the path %j and leaves nothing behind', async (path) => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('liaison-scratch-export-'));
    const bad = memberships({
      async *export() {
        yield { path, content: 'x' };
      },
    });
    const personalData = createPersonalData([bad], { db: test.db, jobs, audit });
    await expect(personalData.export(orgId, personId)).rejects.toThrow('not a path');
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('liaison-scratch-export-'))).toEqual(
      before,
    );
  });

  it('fails as a whole when one of its files does', async () => {
    const bad = memberships({
      async *export() {
        yield {
          path: 'broken.bin',
          content: Readable.from(
            (async function* () {
              yield 'some';
              throw new Error('the blob is gone');
            })(),
          ),
        };
      },
    });
    const personalData = createPersonalData([bad], { db: test.db, jobs, audit });
    await expect(personalData.export(orgId, personId)).rejects.toThrow('the blob is gone');
    await expect(
      createPersonalData(
        [
          memberships({
            async *export() {
              yield { path: 'a', content: '' };
              yield { path: 'A', content: '' };
            },
          }),
        ],
        { db: test.db, jobs: createJobs({ db: test.db, log }), audit },
      ).export(orgId, personId),
    ).rejects.toThrow('twice');
  });
});

describe('erasing', () => {
  it('goes through every module, holds none back for another, and can be repeated until all have done it', async () => {
    await addMembership();
    let broken = true;
    const failing: PersonalData = {
      module: 'mail',
      async *export() {},
      async erase() {
        if (broken) throw new Error('locked');
      },
      retention: [],
    };
    const personalData = createPersonalData([failing, memberships()], { db: test.db, jobs, audit });
    await expect(personalData.erase(orgId, personId)).rejects.toThrow('mail did not erase');
    expect(await members()).toBe(0);
    broken = false;
    await personalData.erase(orgId, personId);
    await personalData.erase(orgId, personId);
    const { rows } = await test.db.read(orgId, (tx) => audit.list(tx, { limit: 10 }));
    expect(rows.map((row) => row.action)).toEqual(['core.person-erased', 'core.person-erased']);
  });

  it('later is a job that is tried again', async () => {
    await addMembership();
    let tries = 0;
    const personalData = createPersonalData(
      [
        memberships({
          async erase(tx: Tx, person: string) {
            if (++tries === 1) throw new Error('busy');
            await tx.query('delete from core.member where person_id = $1', [person]);
          },
        }),
      ],
      { db: test.db, jobs, audit },
    );
    await personalData.eraseLater(orgId, personId);
    await personalData.eraseLater(orgId, personId);
    await jobs.drain();
    expect(await members()).toBe(1);
    await test.admin('update graphile_worker._private_jobs set run_at = now()');
    await jobs.drain();
    expect(await members()).toBe(0);
    expect(tries).toBe(2);
  });
});

describe('retention', () => {
  it('deletes what is too old, in batches, in every organisation, and nothing else', async () => {
    await test.admin('delete from core.space where id <> $1', [orgId]);
    const other = ids.next();
    await test.admin(
      "insert into core.space (id, org_id, kind, name, home_site) values ($1, $1, 'organisation', 'Delta', 1)",
      [other],
    );
    for (const [org, days] of [
      [orgId, 31],
      [orgId, 40],
      [orgId, 50],
      [orgId, 29],
      [other, 99],
    ] as const) {
      await test.admin(
        "insert into core.member (org_id, space_id, person_id, role, joined_at) values ($1, $2, $3, 'member', now() - $4 * interval '1 day')",
        [org, ids.next(), ids.next(), days],
      );
    }
    const calls: number[] = [];
    const personalData = createPersonalData(
      [
        memberships({
          retention: [
            { what: 'Passwords', days: null, why: 'Until they change.' },
            {
              what: 'Old memberships',
              days: 30,
              why: 'For the test.',
              async purge(tx, olderThan) {
                const rows = await tx.query(
                  'delete from core.member where space_id in (select space_id from core.member where joined_at < $1 limit 2) returning 1',
                  [olderThan],
                );
                calls.push(rows.length);
                return rows.length;
              },
            },
          ],
        }),
      ],
      { db: test.db, jobs, audit },
    );
    expect(await personalData.purge()).toEqual({ deleted: 4 });
    expect([...calls].sort()).toEqual([0, 0, 1, 1, 2]);
    expect(
      await test.admin("select 1 from core.member where joined_at < now() - interval '20 days'"),
    ).toHaveLength(1);
    expect(await personalData.purge()).toEqual({ deleted: 0 });
    const stopped = AbortSignal.abort();
    await test.admin("update core.member set joined_at = now() - interval '90 days'");
    expect(await personalData.purge({ signal: stopped })).toEqual({ deleted: 0 });
  });

  it('goes on after a purge that fails, and says so in the end', async () => {
    let reached = false;
    const personalData = createPersonalData(
      [
        memberships({
          retention: [
            { what: 'A', days: 1, why: 'a', purge: () => Promise.reject(new Error('no')) },
            {
              what: 'B',
              days: 1,
              why: 'b',
              purge: async () => {
                reached = true;
                return 0;
              },
            },
          ],
        }),
      ],
      { db: test.db, jobs, audit },
    );
    await expect(personalData.purge()).rejects.toThrow('not everything');
    expect(reached).toBe(true);
  });

  it('is refused where it contradicts itself', () => {
    const make = (modules: PersonalData[]) => () =>
      createPersonalData(modules, { db: test.db, jobs: createJobs({ db: test.db, log }), audit });
    expect(make([memberships(), memberships()])).toThrow('two modules');
    expect(make([memberships({ module: '../x' })])).toThrow('not the name');
    expect(make([memberships({ retention: [{ what: 'x', days: 0, why: 'x' }] })])).toThrow('for some days');
    expect(
      make([memberships({ retention: [{ what: 'x', days: null, why: 'x', purge: async () => 0 }] })]),
    ).toThrow('no age');
  });
});
