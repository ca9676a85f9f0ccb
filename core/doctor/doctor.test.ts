import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createNatsBus, type NatsBus } from '../bus/index.ts';
import { createNatsServer } from '../bus/testing/index.ts';
import { coreMigrations, createTestCore, type TestCore } from '../testing/index.ts';
import { ownCertificate } from '../tls/authority.ts';
import { blobsStep } from './blobs.ts';
import { busStep } from './bus.ts';
import { certificatesStep } from './certificates.ts';
import { clockStep, judgeClock } from './clock.ts';
import { databaseStep } from './database.ts';
import { diskStep, judgeRoom } from './disk.ts';
import { type Examined, type Finding, good, type Step } from './finding.ts';
import { holdsPass, makePass, messageStep, serveDoctor } from './message.ts';
import { namesStep, type Resolver } from './names.ts';
import { createOutsideNames } from './outside-names.ts';
import { runStep, runSteps } from './run-steps.ts';
import { serverStep } from './server.ts';

let test: TestCore;
let folder: string;
let examined: Examined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-doctor-'));
  test = await createTestCore();
  serveDoctor(test.core);
  await test.core.owned.start();
  const { port } = new URL(await test.listen());
  const { settings, log } = test.core;
  examined = {
    settings: { ...settings, httpPort: Number(port), databaseUrl: test.testDb.url },
    env: {},
    log,
    host: '127.0.0.1',
    migrations: [coreMigrations],
    timeServer: null,
  };
}, 60_000);
afterAll(async () => {
  await test?.close();
  await rm(folder, { recursive: true, force: true });
});

const look = (step: Step, settings: Partial<Examined['settings']> = {}, more: Partial<Examined> = {}) =>
  runStep(step, { ...examined, ...more, settings: { ...examined.settings, ...settings } });
const faultIn = async (found: Promise<Finding[]>) => (await found).find(({ outcome }) => outcome !== 'good');

it('a step that throws and one that hangs are failures of their own, and hide nothing', async () => {
  const steps: Step[] = [
    { name: 'throws', limitMs: 1000, look: async () => Promise.reject(new Error('torn')) },
    { name: 'hangs', limitMs: 20, look: () => new Promise(() => {}) },
    { name: 'works', limitMs: 1000, look: async () => [good('all is well', { value: 1, unit: 'ms' })] },
  ];
  const told: string[] = [];
  const findings = await runSteps({ steps, examined, found: ({ step }) => void told.push(step) });
  expect(told).toEqual(['throws', 'hangs', 'works']);
  expect(findings).toMatchObject([
    { outcome: 'failed', what: 'it could not be looked at: torn' },
    { outcome: 'failed', what: 'no answer within 0 s' },
    { outcome: 'good', figure: { value: 1, unit: 'ms' } },
  ]);
});

it('names that nobody answers about take one place of the resolver, so that the bus and the database find theirs', async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const of = createOutsideNames((name) => {
    asked.push(name);
    return new Promise((resolve, reject) =>
      answers.push(() =>
        name === 'silent.example'
          ? reject(new Error('silent'))
          : resolve([{ address: '192.0.2.1', family: 4 }]),
      ),
    );
  });
  const silent = of('silent.example');
  const [again, other] = [of('silent.example'), of('other.example')];
  const ends = Promise.allSettled([silent, again]);
  await expect.poll(() => asked).toEqual(['silent.example']);
  answers[0]?.();
  expect(await ends).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  await expect.poll(() => asked).toEqual(['silent.example', 'other.example']);
  answers[1]?.();
  expect(await other).toMatchObject([{ address: '192.0.2.1' }]);
  const anew = of('other.example');
  await expect.poll(() => asked).toHaveLength(3);
  answers[2]?.();
  await anew;
});

it('a server that runs is sound; where none does, or another program, that is said', async () => {
  expect(await look(serverStep)).toMatchObject([
    { outcome: 'good', what: expect.stringMatching(/^version \d/) },
    { outcome: 'good', what: 'the server is ready' },
  ]);
  expect((await look(serverStep, {}, { env: { LIAISON_VERSION: '99.0.0' } }))[0]).toMatchObject({
    outcome: 'warning',
    what: expect.stringContaining('this command is of version 99.0.0'),
  });
  expect(await faultIn(look(serverStep, { httpPort: 1 }))).toMatchObject({
    outcome: 'failed',
    mend: expect.stringContaining('LIAISON_HTTP_PORT'),
  });
});

it('a message goes its whole way; a pass that is wrong, late or of another key is refused', async () => {
  await test.core.outbox.start();
  const [sound] = await look(messageStep);
  expect(sound).toMatchObject({ outcome: 'good', figure: { unit: 'ms' } });
  await test.core.outbox.stop();
  const pass = makePass(test.core.secrets);
  expect(holdsPass(test.core.secrets, pass)).toBe(true);
  const ends = [...'ABQRghwx'].filter((end) => !pass.endsWith(end));
  for (const wrong of [`${pass}A`, ...ends.map((end) => pass.slice(0, -1) + end), '', 'x'.repeat(62)])
    expect(holdsPass(test.core.secrets, wrong)).toBe(false);
  expect(holdsPass(test.core.secrets, makePass(test.core.secrets, Date.now() - 6 * 60_000))).toBe(false);
  // Somebody else's key.
  const elsewhere = await createTestCore({ testDb: test.testDb });
  expect(await faultIn(look(messageStep, { dataFolder: elsewhere.core.settings.dataFolder }))).toMatchObject({
    what: 'the server refuses the doctor’s pass',
  });
  await elsewhere.close();
  expect(await faultIn(look(messageStep, { dataFolder: join(folder, 'none') }))).toMatchObject({
    what: expect.stringContaining('holds no master key'),
    mend: expect.stringContaining('LIAISON_DATA'),
  });
});

const resolver = (
  records: Partial<Record<string, string[] | { name: string; port: number }[]>>,
): Resolver => {
  const of = <T>(name: string): T[] => (records[name] ?? []) as T[];
  return {
    async addresses(name) {
      if (records[name] === undefined) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
      return of(name);
    },
    services: async (name) => of(name),
    ways: async (domain) => of(`naptr ${domain}`),
  };
};

it('names lead here, elsewhere or nowhere, and so do the records that telephones ask for', async () => {
  const advertise = ['192.0.2.7', 'pbx.estuaria.example'];
  const at = (records: Parameters<typeof resolver>[0]) =>
    look(
      namesStep(resolver(records), () => []),
      { advertise, sipPort: 5060, sipsPort: 5061 },
    );
  const name = 'pbx.estuaria.example';
  expect(await at({ [name]: ['192.0.2.7'] })).toMatchObject([{ outcome: 'good' }]);
  expect(await at({ [name]: ['198.51.100.1'] })).toMatchObject([{ outcome: 'warning' }]);
  expect(await at({})).toMatchObject([{ outcome: 'failed', mend: expect.stringContaining('A or AAAA') }]);
  const records = {
    [name]: ['192.0.2.7'],
    [`naptr ${name}`]: [`_sip._sctp.${name}`],
    [`_sip._udp.${name}`]: [{ name, port: 5070 }],
    [`_sips._tcp.${name}`]: [{ name, port: 5061 }],
  };
  expect(await at(records)).toMatchObject([
    { outcome: 'good' },
    { outcome: 'warning', what: expect.stringContaining('NAPTR') },
    {
      outcome: 'failed',
      what: expect.stringContaining(':5070, and here port 5060'),
      mend: expect.stringContaining('LIAISON_SIP_PORT'),
    },
    { outcome: 'good', what: expect.stringContaining(`${name}:5061`) },
  ]);
  expect(
    await look(
      namesStep(resolver({}), () => []),
      { advertise: ['192.0.2.7'] },
    ),
  ).toMatchObject([{ outcome: 'good' }]);
});

it('certificates: good, soon to end, ended, for another name, and none', async () => {
  const dayMs = 86_400_000;
  const shownFor = async (ageDays: number, names: string[], asked: string[]) => {
    const place = await mkdtemp(join(folder, 'tls-'));
    const { leaf } = await ownCertificate({
      folder: join(place, 'tls'),
      names,
      now: Date.now() - ageDays * dayMs,
    });
    const server = createServer({ cert: leaf.certificate, key: leaf.key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const httpsPort = (server.address() as AddressInfo).port;
    const findings = await look(certificatesStep, {
      dataFolder: place,
      httpsPort,
      advertise: asked,
      duties: ['api'],
    });
    server.close();
    return findings[0];
  };
  const name = 'pbx.estuaria.example';
  expect(await shownFor(0, [name], [name])).toMatchObject({ outcome: 'good', figure: { unit: 'days left' } });
  expect(await shownFor(170, [name], [name])).toMatchObject({
    outcome: 'warning',
    what: expect.stringMatching(/ends in \d+ days/),
  });
  expect(await shownFor(200, [name], [name])).toMatchObject({
    outcome: 'failed',
    what: expect.stringContaining('ended on'),
  });
  expect(await shownFor(0, [name], ['other.estuaria.example'])).toMatchObject({
    outcome: 'failed',
    what: expect.stringContaining('is not for other.estuaria.example'),
  });
  const tlsCertificateFile = join(folder, 'no.pem');
  await writeFile(tlsCertificateFile, 'nothing');
  expect(await look(certificatesStep, { tlsCertificateFile, httpsPort: 1, duties: ['api'] })).toMatchObject([
    { outcome: 'failed', mend: expect.stringContaining('LIAISON_TLS_CERT') },
    { outcome: 'failed', mend: expect.stringContaining('LIAISON_HTTPS_PORT') },
  ]);
});

it('the clock is compared with the database and a time server, and judged by what is certain', async () => {
  expect(judgeClock(40_000, 10, 'it').outcome).toBe('failed');
  expect(judgeClock(-5000, 10, 'it')).toMatchObject({
    outcome: 'warning',
    what: expect.stringContaining('5 s ahead of'),
  });
  // A slow answer says little: it may be right.
  expect(judgeClock(5000, 4000, 'it').outcome).toBe('good');
  expect(await look(clockStep)).toMatchObject([{ outcome: 'good', figure: { unit: 'ms' } }]);
  const { askTime } = await import('./clock.ts');
  const server = createSocket('udp4');
  let stratum = 2;
  server.on('message', (asked, { port }) => {
    const answer = Buffer.alloc(48);
    answer[0] = 0x24;
    answer[1] = stratum;
    asked.copy(answer, 24, 40, 48);
    // An hour ahead.
    for (const offset of [32, 40])
      answer.writeUInt32BE(Math.floor(Date.now() / 1000) + 2_208_988_800 + 3600, offset);
    server.send(answer, port, '127.0.0.1');
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const { offsetMs } = await askTime('127.0.0.1', 3000, server.address().port);
  expect(Math.abs(offsetMs - 3_600_000)).toBeLessThan(2000);
  stratum = 16;
  await expect(askTime('127.0.0.1', 3000, server.address().port)).rejects.toThrow('does not know the time');
  server.close();
});

it('a disk has room and may be written, or is nearly full, full, not there, or no folder', async () => {
  const GiB = 2 ** 30;
  expect(judgeRoom('/x', { freeBytes: 40 * GiB, totalBytes: 100 * GiB }).outcome).toBe('good');
  expect(judgeRoom('/x', { freeBytes: 5 * GiB, totalBytes: 100 * GiB }).outcome).toBe('warning');
  expect(judgeRoom('/x', { freeBytes: GiB / 10, totalBytes: 100 * GiB }).outcome).toBe('failed');
  expect(await faultIn(look(diskStep, { dataFolder: join(folder, 'none') }))).toMatchObject({
    what: expect.stringContaining('is not there'),
  });
  const full = join(folder, 'full');
  await mkdir(full);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', full], { stdio: 'ignore' });
  } catch {
    // Only root may; what the figures mean is shown above.
    return;
  }
  try {
    await writeFile(join(full, 'much'), Buffer.alloc(28 * 1024));
    const said = await look(diskStep, { dataFolder: full, blobsUrl: 's3://k:s@store/bucket' });
    expect(said).toMatchObject([
      { outcome: 'failed', what: expect.stringContaining('full') },
      { outcome: 'failed', what: expect.stringContaining('no space is left') },
    ]);
  } finally {
    execFileSync('umount', [full]);
  }
});

it('a database that answers, one that is away, refuses, is empty, behind, ahead, or too new for this program', async () => {
  expect(await look(databaseStep)).toMatchObject([
    { outcome: 'good', what: expect.stringMatching(/^PostgreSQL 18/) },
    { outcome: 'good', figure: { unit: 'steps' } },
  ]);
  const address = new URL(test.testDb.url);
  const at = (change: (url: URL) => void): string => {
    const url = new URL(address);
    change(url);
    return url.href;
  };
  const away = at((url) => {
    url.port = '1';
  });
  expect(await faultIn(look(databaseStep, { databaseUrl: away }))).toMatchObject({
    what: expect.stringMatching(/at [\w.]+:1 does not answer/),
  });
  expect(await faultIn(look(clockStep, { databaseUrl: away }))).toMatchObject({ outcome: 'warning' });
  const password = at((url) => {
    url.password = 'wrong';
  });
  expect(await faultIn(look(databaseStep, { databaseUrl: password }))).toMatchObject({ outcome: 'failed' });
  const empty = at((url) => {
    url.pathname = '/postgres';
  });
  expect(await faultIn(look(databaseStep, { databaseUrl: empty }))).toMatchObject({
    what: 'the database is empty',
  });
  const wanting = { ...coreMigrations, folder: pathToFileURL(`${join(folder, 'wanting')}/`) };
  await mkdir(wanting.folder);
  await writeFile(new URL('9999-later.sql', wanting.folder), 'select 1');
  expect(await faultIn(look(databaseStep, {}, { migrations: [coreMigrations, wanting] }))).toMatchObject({
    outcome: 'warning',
    what: expect.stringContaining('lacks 1 steps'),
  });
  const insert =
    "insert into core.migration (schema, name, checksum, needs_version) values ('core', $1, '', $2)";
  await test.testDb.admin(insert, ['9000-more', null]);
  expect(await faultIn(look(databaseStep))).toMatchObject({
    outcome: 'warning',
    what: expect.stringContaining('1 steps further'),
  });
  await test.testDb.admin(insert, ['9001-less', '99.0.0']);
  expect(await faultIn(look(databaseStep))).toMatchObject({
    outcome: 'failed',
    what: expect.stringContaining('needs version 99.0.0 or newer'),
    mend: expect.stringContaining('newer version'),
  });
  await test.testDb.admin("delete from core.migration where name like '900%'");
  await test.testDb.admin(
    `alter database ${address.pathname.slice(1)} set default_transaction_read_only = on`,
  );
  expect(await faultIn(look(databaseStep))).toMatchObject({
    what: expect.stringContaining('takes nothing new'),
  });
  const writing = at((url) => url.searchParams.set('options', '-c default_transaction_read_only=off'));
  expect(await faultIn(look(databaseStep, { databaseUrl: writing }))).toBeUndefined();
});

it('the bus reaches every process, or names those it does not; cut, it is a fault', async () => {
  expect(await look(busStep)).toMatchObject([{ outcome: 'good', what: 'one process, which needs none' }]);
  const nats = await createNatsServer();
  await nats.start();
  const natsUrl = `nats://127.0.0.1:${nats.port}`;
  const others: NatsBus[] = [];
  try {
    // Our own process is on no such bus: it is there, and not reached.
    expect(await faultIn(look(busStep, { natsUrl }))).toMatchObject({
      outcome: 'failed',
      what: expect.stringContaining(`(${process.pid}) cannot be reached over the bus`),
    });
    const quiet = { info() {}, warn() {}, error() {} };
    const bus = createNatsBus({ url: natsUrl, log: quiet });
    others.push(bus);
    await bus.connected;
    bus.respond(`owned.${test.core.owned.processId}`, async () => ({ t: 'not-owned' }));
    const asking = async () => (await look(busStep, { natsUrl }))[0];
    await expect.poll(asking, { timeout: 10_000 }).toMatchObject({ outcome: 'good', figure: { unit: 'ms' } });
    await nats.kill();
    expect(await asking()).toMatchObject({
      outcome: 'failed',
      what: `NATS at 127.0.0.1:${nats.port} does not answer`,
      mend: expect.stringContaining('NATS_URL'),
    });
  } finally {
    for (const bus of others) await bus.close();
    await nats.kill();
  }
}, 40_000);

it('a blob is written, read and removed; a place that takes none is named', async () => {
  expect(await look(blobsStep)).toMatchObject([{ outcome: 'good', figure: { unit: 'ms' } }]);
  const gone = pathToFileURL(join(folder, 'gone')).href;
  expect(await look(blobsStep, { blobsUrl: gone })).toMatchObject([
    { outcome: 'failed', what: expect.stringContaining('is no folder') },
  ]);
  const closed = join(folder, 'closed');
  await mkdir(closed);
  // Neither root nor anybody else can write into a file as if it were a folder.
  await writeFile(join(closed, 'incoming'), '');
  await chmod(closed, 0o500);
  expect(await look(blobsStep, { blobsUrl: pathToFileURL(closed).href })).toMatchObject([
    { outcome: 'failed', mend: expect.stringMatching(/folder/) },
  ]);
  expect(await look(blobsStep, { blobsUrl: 's3+http://key:secret@127.0.0.1:1/bucket' })).toMatchObject([
    { outcome: 'failed', mend: expect.stringContaining('BLOBS_URL') },
  ]);
}, 40_000);
