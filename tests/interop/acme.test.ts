import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { freePort } from '@liaison/core/testing';
import { defineDeployment, secret } from '@liaison/sites';
import { renderSite } from '@liaison/sites/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AcmeAuthority, startAcmeAuthority } from '../testing/acme-authority.ts';
import { until } from '../testing/program.ts';
import { type RunningSuite, startSuite } from '../testing/suite.ts';

/** Debian's caddy with the configuration that a site is given, and Debian's pebble as the authority it gets its certificate from. */
const host = 'eu.estuaria.example';
/** Renewed after two thirds of it. */
const validSeconds = 12;

let folder: string;
let running: RunningSuite;
let authority: AcmeAuthority;
let caddy: ChildProcess;
let said = '';
let httpsPort: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-acme-'));
  running = await startSuite({ environment: { LIAISON_TRUSTED_PROXIES: '127.0.0.1' } });
  const httpPort = await freePort();
  httpsPort = await freePort();
  authority = await startAcmeAuthority({ folder, ports: { http: httpPort, tls: httpsPort }, validSeconds });
  const authorityFile = join(folder, 'acme-authority');
  await writeFile(authorityFile, authority.doorPem);
  const configFile = join(folder, 'Caddyfile');
  await writeFile(
    configFile,
    outsideOfContainer(rendered(), { httpPort, httpsPort, authorityFile, healthPort: await freePort() }),
  );
  caddy = spawn('caddy', ['run', '--config', configFile, '--adapter', 'caddyfile'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder },
  });
  caddy.stderr?.on('data', (data: Buffer) => {
    said = (said + String(data)).slice(-4000);
  });
}, 60_000);

afterAll(async () => {
  if (caddy && caddy.exitCode === null) {
    const ended = once(caddy, 'exit');
    caddy.kill('SIGTERM');
    await ended;
  }
  await authority?.stop();
  await running?.close();
  await rm(folder, { recursive: true, force: true });
});

/** As `site render` writes it. */
function rendered(): string {
  const defined = defineDeployment({
    name: 'lab',
    domain: 'estuaria.example',
    image: 'registry.estuaria.example/liaison',
    version: '1.2.3',
    sites: [
      {
        id: 'eu',
        region: 'Europe and Africa',
        host,
        nodes: [{ name: 'n1', address: '203.0.113.1', docker: 'ssh://operator@n1.estuaria.example' }],
        processes: [{ name: 'all', duties: 'all', rtpPorts: '20000-20099' }],
        postgres: { kind: 'managed', primary: 'n1', password: secret('postgres-password') },
        blobs: { kind: 'folder', node: 'n1' },
        edge: {
          nodes: ['n1'],
          certificate: {
            kind: 'acme',
            directory: authority.directory,
            email: 'ingrid.solvangmork@estuaria.example',
            authority: secret('acme-authority'),
          },
        },
      },
    ],
  });
  if (!defined.ok) throw new Error(JSON.stringify(defined.errors));
  const [site] = defined.deployment.sites;
  return renderSite(defined.deployment, site!, () => '').files.get('configs/Caddyfile') ?? '';
}

/** What its container gives it there, it is given here: ports, names of services, files of secrets; and it looks for renewals often. */
function outsideOfContainer(
  text: string,
  here: { httpPort: number; httpsPort: number; authorityFile: string; healthPort: number },
): string {
  const serverPort = new URL(running.url).port;
  const changes: [RegExp, string][] = [
    [/^\{\n/, `{\n\thttp_port ${here.httpPort}\n\thttps_port ${here.httpsPort}\n\trenew_interval 1s\n`],
    [/\/run\/secrets\/acme-authority\S*/, here.authorityFile],
    [/^(\t+)name .*$/gm, '$1name localhost'],
    [/^(\t+)port \d+$/gm, `$1port ${serverPort}`],
    [/http:\/\/127\.0\.0\.1:\d+/, `http://127.0.0.1:${here.healthPort}`],
  ];
  return changes.reduce((all, [what, by]) => {
    if (!new RegExp(what).test(all)) throw new Error(`nothing of ${what} is in what was rendered`);
    return all.replace(what, by);
  }, text);
}

/** The certificate that is shown for our name, believed by whoever trusts the authority; null as long as there is none. */
const shown = (ca: string): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: httpsPort, servername: host, ca }, () => {
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      resolve(serialNumber);
    });
    socket.on('error', () => resolve(null));
  });

const ask = (path: string, ca: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: httpsPort, servername: host, path, ca, agent: false, headers: { host } },
      (answer) => {
        let body = '';
        answer.on('data', (data: Buffer) => {
          body += String(data);
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });

it('gets a certificate for the name of the site, serves us under it, and renews it while it serves', async () => {
  const ca = await authority.rootPem();
  const first = await until(
    async () => (await shown(ca)) ?? undefined,
    'a certificate of the authority',
    30_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${said}`);
  });
  const ready = await ask('/readyz', ca);
  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.body)).toMatchObject({ status: 'ready' });
  // What is for this machine alone is not passed on.
  expect((await ask('/metrics', ca)).status).toBe(404);
  const failures: number[] = [];
  const second = await until(
    async () => {
      const serial = await shown(ca);
      const { status } = await ask('/healthz', ca).catch(() => ({ status: 0 }));
      if (status !== 200) failures.push(status);
      return serial !== null && serial !== first ? serial : undefined;
    },
    'another certificate',
    30_000,
  );
  expect(second).not.toBe(first);
  expect(failures).toEqual([]);
}, 70_000);
