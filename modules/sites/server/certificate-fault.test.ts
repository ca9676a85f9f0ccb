import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Site } from '../contract/index.ts';
import { certificateFault, checkCertificate } from './certificate-fault.ts';
import { loadDeployment } from './load-deployment.ts';

const run = promisify(execFile);
let folder: string;
let site: Site;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-certificate-'));
  const [described] = (await loadDeployment('eu')).sites;
  if (described === undefined) throw new Error('no site');
  site = described.site;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const make = (host: string, name = 'certificate') =>
  run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`],
    ...['-keyout', join(folder, 'certificate-key'), '-out', join(folder, name)],
  ]);
const faultIn = async (days: number) =>
  (await certificateFault(site, folder, new Date(Date.now() + days * 86_400_000)))?.what;

test('A certificate that browsers take is taken; expired, early, of another host, with another key or none it is named', async () => {
  expect(await faultIn(0), 'one that is not there yet is asked for elsewhere').toBeUndefined();
  await make(site.host);
  expect(await faultIn(0)).toBeUndefined();
  await expect(checkCertificate(site, folder)).resolves.toBeUndefined();
  expect(await faultIn(3)).toMatch(/certificate has expired on \d{4}-\d\d-\d\d$/);
  expect(await faultIn(-2)).toMatch(/is not valid before/);
  await make('elsewhere.example');
  await expect(checkCertificate(site, folder)).rejects.toThrow(/is for DNS:elsewhere\.example, and not for/);
  await make(site.host);
  await make(site.host, 'another');
  expect(await faultIn(0)).toMatch(/certificate-key is not the key of/);
  await writeFile(join(folder, 'certificate'), 'of certificate\n');
  expect(await faultIn(0)).toMatch(/holds no certificate/);
});
