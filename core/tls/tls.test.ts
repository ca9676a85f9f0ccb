import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StartError } from '../config/index.ts';
import { createLog } from '../log/index.ts';
import { createTls, type Tls, type TlsOptions } from './index.ts';

const log = createLog({ level: 'silent' });
const dayMs = 86_400_000;
let dataFolder: string;
const opened: { stop(): unknown }[] = [];

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'liaison-tls-'));
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

async function open(
  settings: Partial<TlsOptions['settings']> = {},
  more: Partial<TlsOptions> = {},
): Promise<Tls> {
  const tls = await createTls({
    settings: { dataFolder, advertise: ['127.0.0.1'], ...settings },
    log,
    ...more,
  });
  opened.push(tls);
  return tls;
}

async function listen(tls: Tls): Promise<number> {
  const server = createServer(tls.options(), (_request, response) => response.end('hello'));
  tls.keepCurrent(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({ stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Asks as a browser would that trusts `ca` and nobody else; resolves to the fingerprint of the certificate shown. */
async function fetchFrom(port: number, ca: string, host: string): Promise<string> {
  const request = get({ host: '127.0.0.1', port, ca, servername: host, agent: false });
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
  response.resume();
  return (response.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? '';
}

test('Whoever trusts the self-made authority gets in by every name; nobody else does', async () => {
  const tls = await open({
    advertise: ['192.0.2.7', 'pbx.example.org'],
    publicUrl: 'https://liaison.example.org',
  });
  const port = await listen(tls);
  const authority = tls.authority!;
  for (const name of ['localhost', 'pbx.example.org', 'liaison.example.org']) {
    expect(await fetchFrom(port, authority.pem, name)).toMatch(/^[0-9A-F:]{95}$/);
  }
  await expect(fetchFrom(port, authority.pem, 'elsewhere.example.org')).rejects.toThrow(/does not match/);
  const stranger = await createTls({
    settings: { dataFolder: join(dataFolder, 'other'), advertise: [] },
    log,
  });
  opened.push(stranger);
  await expect(fetchFrom(port, stranger.authority!.pem, 'localhost')).rejects.toThrow(
    /verify|self-signed|issuer/,
  );
  const leaf = new X509Certificate(tls.options().cert);
  expect(leaf.checkIP('192.0.2.7')).toBeDefined();
  expect(leaf.checkIP('::1')).toBeDefined();
  expect(leaf.ca).toBe(false);
  const root = new X509Certificate(authority.pem);
  expect(root.ca).toBe(true);
  expect(root.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  expect(authority.fingerprint).toBe(root.fingerprint256);
  expect(new X509Certificate(authority.der).fingerprint256).toBe(authority.fingerprint);
});

test('Another start keeps both, a new name makes a new certificate of the same authority', async () => {
  const first = await open();
  const again = await open();
  expect(again.options().cert).toBe(first.options().cert);
  const moved = await open({ advertise: ['192.0.2.99'] });
  expect(moved.options().cert).not.toBe(first.options().cert);
  expect(moved.authority?.fingerprint).toBe(first.authority?.fingerprint);
  expect((await stat(join(dataFolder, 'tls', 'authority.pem'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(dataFolder, 'tls'))).mode & 0o777).toBe(0o700);
});

test('The certificate is renewed while the server runs, before it ends, and the authority stays', async () => {
  let now = Date.now() - 130 * dayMs;
  let asked = 0;
  const clock = () => {
    asked += 1;
    return now;
  };
  const tls = await open({}, { now: clock, lookEveryMs: 20 });
  const port = await listen(tls);
  const before = await fetchFrom(port, tls.authority!.pem, 'localhost');
  now += 100 * dayMs;
  // One look at a time: when it asks for the second time from here, the first look is over.
  const looks = asked + 2;
  await until(async () => asked >= looks);
  expect(await fetchFrom(port, tls.authority!.pem, 'localhost')).toBe(before);
  now += 30 * dayMs;
  const { pem } = tls.authority!;
  await until(async () => (await fetchFrom(port, pem, 'localhost')) !== before);
  expect(tls.authority?.pem).toBe(pem);
  expect(tls.validUntil.getTime()).toBeGreaterThan(now + 170 * dayMs);
});

test('An authority that is about to end is replaced', async () => {
  const first = await open();
  const later = await open({}, { now: () => Date.now() + 3600 * dayMs });
  expect(later.authority?.fingerprint).not.toBe(first.authority?.fingerprint);
});

test('The operator’s own files are used, read again when they change, and a bad change is not taken', async () => {
  const [certificateFile, keyFile] = [join(dataFolder, 'cert.pem'), join(dataFolder, 'key.pem')];
  const makePair = async (name: string) => {
    const maker = await open({ dataFolder: join(dataFolder, name) });
    return { ...maker.options(), ca: maker.authority!.pem };
  };
  const replace = async (file: string, text: string) => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  const [one, two] = [await makePair('one'), await makePair('two')];
  await writeFile(certificateFile, one.cert);
  await writeFile(keyFile, one.key);
  const files = { tlsCertificateFile: certificateFile, tlsKeyFile: keyFile };
  const refused: string[] = [];
  const tls = await open(files, {
    lookEveryMs: 20,
    log: createLog({
      level: 'error',
      readable: false,
      destination: { write: (line) => void refused.push(line) },
    }),
  });
  expect(tls.authority).toBeUndefined();
  const port = await listen(tls);
  await fetchFrom(port, one.ca, 'localhost');

  await replace(keyFile, 'garbage');
  await until(async () => refused.length > 0);
  expect(refused[0]).toContain('the earlier one stays');
  await fetchFrom(port, one.ca, 'localhost');
  await replace(certificateFile, two.cert);
  await replace(keyFile, two.key);
  await until(() =>
    fetchFrom(port, two.ca, 'localhost').then(
      () => true,
      () => false,
    ),
  );

  await writeFile(keyFile, one.key);
  await expect(open(files)).rejects.toThrow(/does not belong.*LIAISON_TLS_KEY/);
  await writeFile(certificateFile, 'garbage');
  await expect(open(files)).rejects.toThrow(/holds no certificate.*LIAISON_TLS_CERT/);
  await rm(certificateFile);
  await expect(open(files)).rejects.toThrow(/cannot be read.*LIAISON_TLS_CERT/);
});

test('A damaged authority stops the start and is not replaced', async () => {
  await open();
  const file = join(dataFolder, 'tls', 'authority.pem');
  const good = await readFile(file, 'utf8');
  await writeFile(file, good.slice(0, 200));
  await expect(open()).rejects.toThrow(StartError);
  expect(await readFile(file, 'utf8')).toBe(good.slice(0, 200));
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not happen');
    await sleep(20);
  }
}
