import { createTestCore, type TestCore } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getInstallation, type Installation } from '../../contract/installation.ts';
import { createSiteRows, figuresSchema } from './across-organisations.ts';
import { noteOf } from './backup-note.ts';
import { createSites, migrations, type SitesModule, serveStatusPage } from './index.ts';
import { partsNow } from './parts.ts';
import { warningsOf } from './serve-installation.ts';
import { createStatus } from './status.ts';
import { languageOf, statusHtml } from './status-page.ts';

let test: TestCore;
let sites: SitesModule;
let url: string;
let calls = 0;

beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  sites = createSites({ core: test.core, load: () => ({ calls }) });
  serveStatusPage(test.core.http, sites.status);
  await test.core.owned.start();
  url = await test.listen();
}, 60_000);
afterAll(async () => {
  await sites?.heartbeat.stop();
  await sites?.watch.stop();
  await test?.close();
});

it('a process says what it does, and owners and managers of the first organisation read it; nobody else does', async () => {
  calls = 3;
  const { people } = await test.organisation(['owner', 'manager', 'member', 'guest']);
  const other = await test.organisation(['owner']);
  await sites.heartbeat.start();
  await sites.watch.start();
  const ask = async (at: number) => test.client(people[at]).call(getInstallation);
  await expect
    .poll(async () => (await ask(0)).body.installation, { timeout: 20_000 })
    .toMatchObject({ processes: [{ calls: 3 }], blobs: { kind: 'folder', ok: true } });
  const { installation } = (await ask(1)).body;
  expect(installation).toMatchObject({
    site: 'eu',
    processes: [
      {
        pid: process.pid,
        alive: true,
        draining: false,
        version: expect.stringMatching(/^\d/),
        duties: expect.arrayContaining(['api', 'worker']),
      },
    ],
    database: {
      version: expect.stringMatching(/^18/),
      lastMigration: { name: expect.stringContaining('/') },
      standbys: [],
    },
    bus: 'none',
    parked: 0,
    backup: { good: null, failing: false },
  });
  expect(installation?.database.bytes).toBeGreaterThan(1e6);
  expect(installation?.warnings.map(({ code }) => code).filter((code) => !code.startsWith('disk'))).toEqual(
    [],
  );
  for (const at of [2, 3]) expect((await ask(at)).status).toBe(403);
  expect((await test.client().call(getInstallation)).status).toBe(401);
  // It serves them too, and what it does for others is not theirs to see.
  expect((await test.client(other.people[0]).call(getInstallation)).body).toEqual({ installation: null });
  // A process that ends in order leaves nothing behind.
  await sites.heartbeat.stop();
  expect(await createSiteRows(test.core.db).processes()).toEqual([]);
}, 40_000);

it('what another version wrote is read as far as it goes', () => {
  expect(figuresSchema.parse({ calls: 'many', pages: 2, more: true })).toMatchObject({
    calls: 0,
    pages: 2,
    disk: null,
  });
});

const living = (
  more: Partial<Installation['processes'][number]> = {},
): Installation['processes'][number] => ({
  id: '00000000-0000-7000-8000-000000000001',
  node: 'n1',
  pid: 7,
  duties: ['api', 'live', 'worker', 'sip', 'media'],
  version: '1.0.0',
  startedAt: '2026-05-01T00:00:00.000Z',
  beatAt: '2026-05-01T00:10:00.000Z',
  alive: true,
  draining: false,
  calls: 0,
  pages: 0,
  requests: 0,
  memoryBytes: 0,
  disk: { freeBytes: 9e11, totalBytes: 1e12 },
  certificateUntil: '2026-12-01T00:00:00.000Z',
  hears: 0,
  ...more,
});
const seenWith = (more: Partial<Installation>): Omit<Installation, 'warnings'> => ({
  site: 'eu',
  processes: [living()],
  database: { version: '18.4', bytes: 1, lastMigration: null, standbys: [] },
  backlogSeconds: 0,
  parked: 0,
  bus: 'none',
  blobs: { kind: 'folder', ok: true, at: null },
  backup: { good: null, failing: false },
  ...more,
});

it('warns of each thing that deserves a look, and of nothing else', () => {
  const now = Date.parse('2026-05-01T00:10:00Z');
  const warn = (more: Partial<Installation>) => warningsOf(seenWith(more), [], now);
  expect(warn({})).toEqual([]);
  expect(
    warn({
      processes: [
        living({ duties: ['api', 'live', 'worker', 'sip'] }),
        living({ id: '2', pid: 8, version: '1.1.0', hears: 1, duties: ['api'] }),
        living({ id: '3', pid: 9, alive: false }),
      ],
    }),
  ).toEqual([
    { code: 'no-duty', about: 'media' },
    { code: 'process-gone', about: 'n1 (9)' },
    { code: 'versions-differ', about: '1.0.0, 1.1.0' },
    { code: 'bus-partial', about: 'n1 (7)' },
  ]);
  expect(
    warn({
      processes: [
        living({ disk: { freeBytes: 1e9, totalBytes: 1e12 }, certificateUntil: '2026-04-30T00:00:00.000Z' }),
      ],
      backlogSeconds: 61,
      parked: 1,
      blobs: { kind: 'store', ok: false, at: null },
      database: {
        version: '18.4',
        bytes: 1,
        lastMigration: null,
        standbys: [{ name: 's1', state: 'catchup', bytesBehind: 1, secondsBehind: null }],
      },
      backup: {
        good: { at: '2026-04-20T00:00:00.000Z', place: '/b', bytes: 1, verified: null },
        failing: true,
      },
    }).map(({ code }) => code),
  ).toEqual([
    'disk-full',
    'certificate-ended',
    'backlog',
    'parked',
    'blobs',
    'standby-behind',
    'backup-failed',
    'backup-old',
  ]);
});

it('what is told of backups is shown without the key of their place', () => {
  const lastBase = { endedAt: '2026-05-01T03:00:00.000Z', storedBytes: 7, verified: true };
  expect(noteOf({ lastBase, faults: {} }, 's3://KEY:SECRET@store.example/bucket/a?region=eu')).toEqual({
    good: { at: lastBase.endedAt, place: 'store.example/bucket/a', bytes: 7, verified: true },
    failing: false,
  });
  expect(noteOf({ lastBase: undefined, faults: { log: 'torn' } }, 'file:///mnt/b')).toEqual({
    good: null,
    failing: true,
  });
});

it('a part is there when somebody lives for each of its duties, and what is said is heard of', () => {
  const all = [{ alive: true, duties: ['api', 'live', 'worker', 'sip', 'media'] }];
  const down = (processes: typeof all, backlog = 0) =>
    partsNow(processes, backlog).flatMap(({ part, up }) => (up ? [] : [part]));
  expect(down(all)).toEqual([]);
  expect(down(all, 120)).toEqual(['chat']);
  expect(down([{ alive: true, duties: ['api', 'live', 'worker'] }])).toEqual(['calls']);
  expect(down([{ alive: false, duties: ['api'] }])).toEqual(['sign-in', 'chat', 'calls', 'pages']);
});

it('minutes are counted once however many count them, and those that nobody watched as neither up nor down', async () => {
  const rows = createSiteRows(test.core.db);
  await test.testDb.admin('delete from sites.part_day');
  // Ten minutes ago somebody counted last: nine passed unseen, and the last one is as it is now.
  await test.testDb.admin(
    "update sites.watched set until = date_trunc('minute', clock_timestamp()) - interval '10 minutes'",
  );
  const parts = [
    { part: 'chat', up: true },
    { part: 'calls', up: false },
  ] as const;
  await Promise.all([rows.count(parts), rows.count(parts), rows.count(parts)]);
  await rows.count(parts);
  const sum = async (part: string) => {
    const days = (await rows.days()).filter((each) => each.part === part);
    return {
      up: days.reduce((all, { up }) => all + up, 0),
      down: days.reduce((all, { down }) => all + down, 0),
    };
  };
  const [chat, calling] = [await sum('chat'), await sum('calls')];
  // The minute may have changed meanwhile.
  expect([1, 2]).toContain(chat.up);
  expect(chat.down).toBe(0);
  expect(calling).toEqual({ up: 0, down: chat.up });
  // A machine that was off for a year has one minute of today, and no year of days.
  await test.testDb.admin(
    "update sites.watched set until = date_trunc('minute', clock_timestamp()) - interval '1 year'",
  );
  await rows.count(parts);
  await rows.forgetOldDays();
  expect((await rows.days()).filter(({ part }) => part === 'chat').length).toBeLessThanOrEqual(2);
  expect((await sum('chat')).down).toBe(0);
});

it('the public page says how it is in the reader’s language, without script, and keeps what it knows for a while', async () => {
  expect(languageOf('pt-BR,pt;q=0.9,en;q=0.8')).toBe('pt');
  expect(languageOf('de, fr;q=0.2, es;q=0.7')).toBe('es');
  expect(languageOf('xx')).toBe('en');
  expect(languageOf(undefined)).toBe('en');
  const answer = await fetch(`${url}/status`, { headers: { 'accept-language': 'fr' } });
  const html = await answer.text();
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(answer.headers.get('cache-control')).toBe('public, max-age=5');
  // Told as true or false: a page is too long to be shown.
  expect(html.includes('<html lang="fr">')).toBe(true);
  expect(/<script| on\w+=|https?:/.test(html)).toBe(false);
  const at = new Date('2026-05-14T10:00:00Z');
  const days = [
    { day: '2026-05-11', upMinutes: 1440, downMinutes: 0 },
    { day: '2026-05-12', upMinutes: 240, downMinutes: 0 },
    { day: '2026-05-13', upMinutes: 1335, downMinutes: 5 },
    { day: '2026-05-14', upMinutes: 600, downMinutes: 0 },
  ];
  const drawn = statusHtml({ at, parts: [{ part: 'chat', up: false, days }] }, 'en');
  for (const words of [
    'Does not work',
    '<title>11 May: there all day</title>',
    '<title>12 May: there whenever somebody watched, not watched for 1200 min</title>',
    '<title>13 May: away for 5 min, not watched for 100 min</title>',
    '<title>14 May: there all day</title>',
    '99.86% of the time that was watched',
  ])
    expect([words, drawn.includes(words)]).toEqual([words, true]);
});

it('many who ask cost one look, and without the database only pages are there', async () => {
  let looks = 0;
  const rows = { ...createSiteRows(test.core.db) };
  const counting = {
    ...rows,
    processes: () => {
      looks += 1;
      return rows.processes();
    },
  };
  const { outbox, log } = test.core;
  const status = createStatus({ outbox, log }, counting);
  await Promise.all(Array.from({ length: 200 }, () => status.now()));
  expect(looks).toBe(1);
  const away = createStatus(
    { outbox, log },
    { ...rows, processes: async () => Promise.reject(new Error('away')) },
  );
  expect((await away.now()).parts.map(({ part, up }) => [part, up])).toEqual([
    ['sign-in', false],
    ['chat', false],
    ['calls', false],
    ['pages', true],
  ]);
});
