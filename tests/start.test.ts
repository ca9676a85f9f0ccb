import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { migrate } from '@liaison/core/db';
import { rolePassword } from '@liaison/core/floor';
import { createLog } from '@liaison/core/log';
import { findRunningPostgres, startEmbeddedPostgres } from '@liaison/core/postgres';
import { openSecrets } from '@liaison/core/secrets';
import { migrations } from '@liaison/server/compose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  logged,
  type Program,
  processesOn,
  type Ready,
  scratchFolder,
  startProgram,
  until,
} from './testing/program.ts';

/** One installation that most of these tests start again and again; its organisation is made at its first start. */
const root = scratchFolder();
const home = join(root, 'home');
const programs: Program[] = [];
/** How long a start takes here and now; measured by the second one. */
let startTakesMs = 2_000;

function start(...args: Parameters<typeof startProgram>): Program {
  const program = startProgram(...args);
  programs.push(program);
  return program;
}

/** Stops it as Ctrl-C does, and holds it to what a stop promises. */
async function endWell(program: Program, dataFolder: string, withinMs = 20_000): Promise<void> {
  const asked = performance.now();
  const before = program.out().length;
  program.killGroup('SIGINT');
  program.killGroup('SIGINT');
  expect(await program.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(withinMs);
  expect(program.err()).toBe('');
  expect(logged(program, 'error', 'fatal').join('\n')).toBe('');
  // Nothing about a stop that was asked for is worth a warning, neither ours nor the database's.
  expect(
    logged(program, 'warn')
      .filter((line) => program.out().lastIndexOf(line) >= before)
      .join('\n'),
  ).toBe('');
  expect(program.out()).not.toMatch(/connection was lost|connection of the job queue was lost/);
  await until(() => processesOn(dataFolder).length === 0, 'the end of every process');
}

/** Whether a process has a handler of its own for a signal (`SigCgt` of proc(5)). */
function listensTo(pid: number, signal: number): boolean {
  const [, mask = '0'] = /^SigCgt:\s+(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

/** It must refuse in exactly one line, and leave nothing running. */
async function refusal(program: Program, dataFolder: string): Promise<string> {
  const { code } = await program.ended;
  expect(program.out()).not.toContain('Liaison is ready');
  expect(program.err()).toMatch(/^liaison: [^\n]+ · [^\n]+\n$/);
  expect(code).toBe(1);
  await until(() => processesOn(dataFolder).length === 0, 'the end of every process');
  return program.err();
}

async function post(ready: Ready, path: string, body: unknown): Promise<Response> {
  return fetch(`${ready.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: ready.url },
    body: JSON.stringify(body),
  });
}

const password = 'rowing over calm water 42';

async function setUp(ready: Ready): Promise<void> {
  const answer = await post(ready, '/setup', {
    token: ready.setupToken,
    organisation: { name: 'Estuaria', domain: 'estuaria.example' },
    owner: {
      name: 'Inês Caldeira',
      address: 'ines@estuaria.example',
      password,
      language: 'pt',
      timeZone: 'Europe/Lisbon',
    },
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('ines')]);
}

/** What was acknowledged is there: the owner can sign in, and there is no setup link any more. */
async function expectOrganisation(ready: Ready): Promise<void> {
  expect(ready.setupToken).toBeUndefined();
  expect((await post(ready, '/auth/sign-in', { address: 'ines@estuaria.example', password })).status).toBe(
    200,
  );
}

beforeAll(async () => {
  const first = start(home);
  const ready = await first.ready();
  expect(first.out()).toMatch(
    /Unpacking PostgreSQL …\n[\s\S]*Creating the database …\n[\s\S]*brought up to date/,
  );
  expect(first.out().match(/ {2}Open +http:\/\/localhost:\d+\n/g)).toHaveLength(1);
  expect(first.out()).toContain(`${ready.url}/setup#${ready.setupToken}`);
  await setUp(ready);
  await endWell(first, home);
  console.log(`first start ${ready.seconds} s`);
}, 240_000);

afterAll(async () => {
  for (const program of programs) {
    program.kill('SIGTERM');
    await program.ended;
  }
  await until(() => processesOn(root).length === 0, 'the end of every process');
  rmSync(root, { recursive: true, force: true });
}, 240_000);

test('A second start is quick, finds what was there, and ends with SIGTERM to the process alone', async () => {
  const program = start(home);
  const ready = await program.ready();
  console.log(`second start ${ready.seconds} s`);
  startTakesMs = ready.seconds * 1000;
  // The machine is shared with other tests; the benchmark holds the figure that is promised.
  expect(ready.seconds).toBeLessThan(20);
  await expectOrganisation(ready);
  expect(program.out()).not.toContain('Creating the database');
  const readyz = await fetch(`${ready.url}/readyz`);
  expect([readyz.status, await readyz.json()]).toEqual([200, { status: 'ready', missing: {} }]);
  expect((await fetch(`${ready.url}/healthz`)).status).toBe(200);
  program.kill('SIGTERM');
  expect((await program.ended).code).toBe(0);
  expect(logged(program, 'error', 'fatal').join('\n')).toBe('');
  await until(() => processesOn(home).length === 0, 'the end of every process');
}, 240_000);

test('Ctrl-C in the middle of a start ends it without a word of error', async () => {
  for (const [folder, afterMs] of [
    [home, 0],
    [join(root, 'interrupted'), 300],
    [home, 1_000],
  ] as const) {
    const program = start(folder);
    // Before that it is Node that is ended, which also has a handler for Ctrl-C, but none for SIGHUP.
    await until(() => listensTo(program.pid, constants.signals.SIGHUP), 'listening to signals');
    await sleep(afterMs);
    await endWell(program, folder);
  }
}, 240_000);

describe('Wrong settings are told in one line', () => {
  test.each<[name: string, env: Record<string, string>, says: RegExp]>([
    ['LIAISON_HTTP_PORT', { LIAISON_HTTP_PORT: '99999' }, /"99999" .*LIAISON_HTTP_PORT · name a port/],
    ['LIAISON_DUTIES', { LIAISON_DUTIES: 'api,everything' }, /LIAISON_DUTIES · write all/],
    ['LIAISON_PUBLIC_URL', { LIAISON_PUBLIC_URL: 'liaison' }, /LIAISON_PUBLIC_URL · name an http/],
    [
      'LIAISON_TLS_CERT',
      { LIAISON_TLS_CERT: '/nowhere/c.pem', LIAISON_TLS_KEY: '/nowhere/k.pem' },
      /\/nowhere\/c.pem .*LIAISON_TLS_CERT/,
    ],
    ['LIAISON_BIND', { LIAISON_BIND: '192.0.2.77' }, /192\.0\.2\.77.*LIAISON_BIND · name an address/],
    ['LIAISON_DATA', { LIAISON_DATA: join(root, 'file', 'data') }, /LIAISON_DATA · name a folder/],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://x' }, /DATABASE_URL · name a PostgreSQL address/],
    [
      'no database',
      { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' },
      /cannot be reached .*DATABASE_URL · correct/,
    ],
    [
      'no such host',
      { DATABASE_URL: 'postgres://a:b@nowhere.invalid/x' },
      /cannot be reached .*DATABASE_URL/,
    ],
    ['BLOBS_URL', { BLOBS_URL: 's3://bucket' }, /BLOBS_URL/],
  ])(
    '%s',
    async (_name, env, says) => {
      writeFileSync(join(root, 'file'), '');
      expect(await refusal(start(home, env), home)).toMatch(says);
    },
    60_000,
  );
});

test('A taken port is told in one line that names its setting', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const address = holder.address();
  const port = String(typeof address === 'object' ? address?.port : '');
  for (const setting of ['LIAISON_HTTP_PORT', 'LIAISON_HTTPS_PORT', 'LIAISON_SIP_PORT']) {
    const line = await refusal(start(home, { [setting]: port }), home);
    expect(line).toContain(
      `127.0.0.1:${port} is already taken · ${setting} · stop the program that holds it`,
    );
  }
  holder.close();
}, 240_000);

test('Two programs on one data folder: the second says who has it, the first goes on', async () => {
  const first = start(home);
  const ready = await first.ready();
  const second = start(home);
  expect((await second.ended).code).toBe(1);
  expect(second.err()).toMatch(
    new RegExp(
      `^liaison: another Liaison \\(process ${first.pid}\\) already runs .* · LIAISON_DATA · stop that one[^\n]*\n$`,
    ),
  );
  expect((await fetch(`${ready.url}/readyz`)).status).toBe(200);
  const running = await findRunningPostgres(home);
  const wrong = new URL(running?.url ?? '');
  wrong.password = 'wrong';
  const third = start(join(root, 'third'), { DATABASE_URL: wrong.href });
  const line = await refusal(third, join(root, 'third'));
  expect(line).toMatch(/refuses us .*DATABASE_URL · correct its user and password/);
  expect(line).not.toContain('wrong');
  // The database of the first tells of it in its own time; such a warning is none of the stop.
  await until(() => first.out().includes('password authentication failed'), 'the refusal in the log');
  await endWell(first, home);
}, 240_000);

test('After kill -9 at any moment the next start recovers, with everything that was acknowledged', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 100_000);
  console.log(`SEED=${seed}`);
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  for (let kill = 0; kill < 6; kill++) {
    const program = start(home);
    // Before it has begun, in the middle, and some time after it is ready.
    await sleep(50 + random() * 1.5 * startTakesMs);
    program.kill('SIGKILL');
    await program.ended;
  }
  const program = start(home);
  const ready = await program.ready();
  await expectOrganisation(ready);
  const fresh = join(root, 'killed-when-new');
  const young = start(fresh);
  const second = await young.ready();
  await setUp(second);
  young.kill('SIGKILL');
  await young.ended;
  const again = start(fresh);
  await expectOrganisation(await again.ready());
  await endWell(again, fresh);

  const running = await findRunningPostgres(home);
  process.kill(running?.pid ?? 0, 'SIGKILL');
  await until(
    async () => {
      const answer = await post(ready, '/auth/sign-in', { address: 'ines@estuaria.example', password }).catch(
        () => undefined,
      );
      const current = await findRunningPostgres(home);
      return answer?.status === 200 && current !== undefined && current.pid !== running?.pid;
    },
    'a sign-in after the database was killed',
    90_000,
  );
  program.kill('SIGTERM');
  expect((await program.ended).code).toBe(0);
}, 240_000);

test('HTTPS is trusted by whoever trusts the authority that /trust gives', async () => {
  const program = start(home);
  const ready = await program.ready();
  const page = await fetch(`${ready.url}/trust`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'self'");
  const html = await page.text();
  expect(html).not.toMatch(/<script|style=/);
  const der = Buffer.from(await (await fetch(`${ready.url}/trust/liaison.crt`)).arrayBuffer());
  const ca = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
  for (const host of ['localhost', '127.0.0.1']) {
    const request = get({ host, port: ready.httpsPort, path: '/healthz', ca, agent: false });
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
    await once(response, 'end');
  }
  await endWell(program, home);
  // With an operator's own pair there is no authority to trust.
  const pair = readFileSync(join(home, 'tls', 'server.pem'), 'utf8');
  writeFileSync(join(root, 'pair.pem'), pair, { mode: 0o600 });
  const own = start(home, {
    LIAISON_TLS_CERT: join(root, 'pair.pem'),
    LIAISON_TLS_KEY: join(root, 'pair.pem'),
  });
  const ownReady = await own.ready();
  expect((await fetch(`${ownReady.url}/trust/liaison.crt`)).status).toBe(404);
  const request = get({ host: 'localhost', port: ownReady.httpsPort, path: '/healthz', ca, agent: false });
  const [response] = await once(request, 'response');
  expect(response.statusCode).toBe(200);
  response.resume();
  await endWell(own, home);
}, 240_000);

test('An external database, with the duties split over two processes', async () => {
  const external = await startEmbeddedPostgres({
    dataFolder: join(root, 'external'),
    log: createLog({ level: 'silent' }),
  });
  const DATABASE_URL = external.url;
  const data = join(root, 'split');
  const pages = start(data, { DATABASE_URL, LIAISON_DUTIES: 'api,live,worker' });
  const pagesReady = await pages.ready();
  await setUp(pagesReady);
  const telephones = start(data, { DATABASE_URL, LIAISON_DUTIES: 'sip,media' });
  const telephonesReady = await telephones.ready();
  expect(pagesReady.sipPort).toBeNull();
  expect(telephonesReady.sipPort).toBeGreaterThan(0);
  for (const { url } of [pagesReady, telephonesReady]) {
    const answer = await fetch(`${url}/readyz`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ready', missing: {} }]);
  }
  await endWell(telephones, data);
  await endWell(pages, data);
  await external.stop();
}, 240_000);

if (process.getuid?.() === 0) {
  test('A user without rights starts it in a folder of its own, and is told when a folder is not', async () => {
    const nobody = { uid: 65534, gid: 65534 };
    const own = join(root, 'nobody');
    mkdirSync(own);
    chownSync(own, nobody.uid, nobody.gid);
    const program = start(own, {}, nobody);
    await program.ready();
    await endWell(program, own);
    const foreign = join(root, 'foreign');
    mkdirSync(foreign);
    chmodSync(foreign, 0o755);
    const line = await refusal(start(foreign, {}, nobody), foreign);
    expect(line).toMatch(/cannot be written by this user · LIAISON_DATA · give this user the folder/);
  }, 240_000);
}

test('A program refuses the database of a newer one that took away what this one uses', async () => {
  const current = start(home, { LIAISON_DRAIN_LIMIT: '60s' });
  await current.ready();
  const running = await findRunningPostgres(home);
  const later = join(root, 'later');
  mkdirSync(later);
  writeFileSync(
    join(later, '9999-later.sql'),
    '-- contract: nothing uses it since 99.1.0\ndrop table if exists core.later;',
  );
  // What a newer program does at its start.
  await migrate({
    url: running?.url ?? '',
    password: rolePassword(await openSecrets({ dataFolder: home })),
    sources: [...migrations, { schema: 'core', folder: pathToFileURL(`${later}/`) }],
  });
  // Nobody calls, but it waits for proxies to notice; whoever tells it a second time waits no longer.
  current.kill('SIGTERM');
  await until(() => current.out().includes('"msg":"draining"'), 'the draining');
  const again = setInterval(() => current.kill('SIGTERM'), 100);
  expect(await current.ended).toEqual({ code: 0, signal: null });
  clearInterval(again);
  expect(current.out()).toMatch(/"hurried":true.*"msg":"drained"/);
  await until(() => processesOn(home).length === 0, 'the end of every process');
  const line = await refusal(start(home), home);
  expect(line).toMatch(
    /newer program: since core\/9999-later it needs 99\.1\.0, .*LIAISON_DATA · start the newer program/,
  );
}, 240_000);
