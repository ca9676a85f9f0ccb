import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StartError } from '../config/index.ts';
import { createToken, hashToken, masterKeyFile, openSecrets, SealError } from './index.ts';

let dataFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'liaison-secrets-'));
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

test('The key file is made once, for this user only, and read again', async () => {
  const first = await openSecrets({ dataFolder });
  const file = masterKeyFile(dataFolder);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dataFolder, 'keys'))).mode & 0o777).toBe(0o700);
  const sealed = first.seal('JBSWY3DPEHPK3PXP', 'people.totp:1');
  const again = await openSecrets({ dataFolder });
  expect(again.openText(sealed, 'people.totp:1')).toBe('JBSWY3DPEHPK3PXP');
  expect(again.derive('cookies')).toEqual(first.derive('cookies'));
  expect(await readdir(join(dataFolder, 'keys'))).toEqual(['master.key']);
});

test('Processes that start together agree on one key', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => openSecrets({ dataFolder })));
  expect(new Set(all.flatMap((secrets) => secrets.keyIds())).size).toBe(1);
  expect(await readdir(join(dataFolder, 'keys'))).toEqual(['master.key']);
});

test('A value opens in its context only, and not when a single bit is changed', async () => {
  const secrets = await openSecrets({ dataFolder });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), fc.nat(), (bytes, context, position) => {
      const sealed = secrets.seal(Buffer.from(bytes), context);
      expect([...secrets.open(sealed, context)]).toEqual([...bytes]);
      expect(() => secrets.open(sealed, `${context}x`)).toThrow(SealError);
      const raw = Buffer.from(sealed.slice(12), 'base64url');
      const at = position % raw.length;
      raw[at] = raw[at]! ^ (1 << (position % 8));
      expect(() => secrets.open(sealed.slice(0, 12) + raw.toString('base64url'), context)).toThrow(SealError);
    }),
  );
  expect(secrets.seal('x', 'a')).not.toBe(secrets.seal('x', 'a'));
});

test('What is no sealed value is refused as such', async () => {
  const secrets = await openSecrets({ dataFolder });
  const id = secrets.keyIds()[0];
  for (const value of [
    '',
    'k1',
    `k1.${id}.`,
    `k1.${id}.AAAA`,
    `k2.${id}.${'A'.repeat(60)}`,
    `k1.${id}.${'A'.repeat(2_000_000)}`,
  ]) {
    expect(() => secrets.open(value, 'a')).toThrow(SealError);
  }
  expect(() => secrets.open(`k1.00000000.${'A'.repeat(60)}`, 'a')).toThrow(/key file/);
});

test('After a rotation the new key seals, the old one still opens, and values move over', async () => {
  const secrets = await openSecrets({ dataFolder });
  const other = await openSecrets({ dataFolder });
  const old = secrets.seal('value', 'c');
  const oldCookies = secrets.derive('cookies');
  await secrets.rotate();
  expect(secrets.keyIds()).toHaveLength(2);
  expect(secrets.isStale(old)).toBe(true);
  expect(secrets.openText(old, 'c')).toBe('value');
  const moved = secrets.reseal(old, 'c');
  expect(secrets.isStale(moved)).toBe(false);
  expect(() => other.open(moved, 'c')).toThrow(SealError);
  await other.refresh();
  expect(other.openText(moved, 'c')).toBe('value');
  expect(secrets.derive('cookies')).not.toEqual(oldCookies);
  expect(secrets.deriveAll('cookies')).toEqual([secrets.derive('cookies'), oldCookies]);
  expect((await stat(masterKeyFile(dataFolder))).mode & 0o777).toBe(0o600);
  const later = await openSecrets({ dataFolder });
  expect(later.openText(old, 'c') + later.openText(moved, 'c')).toBe('valuevalue');
});

test('A key file that others can read, or that is damaged, stops the start with one line', async () => {
  await openSecrets({ dataFolder });
  const file = masterKeyFile(dataFolder);
  const good = await readFile(file, 'utf8');
  await chmod(file, 0o644);
  await expect(openSecrets({ dataFolder })).rejects.toThrow(/chmod 600/);
  await chmod(file, 0o600);
  for (const bad of ['', '# nothing\n', good.slice(0, -4), `${good}garbage\n`, good + good]) {
    await writeFile(file, bad);
    await expect(openSecrets({ dataFolder })).rejects.toThrow(StartError);
    expect(await readFile(file, 'utf8')).toBe(bad);
  }
  await rm(join(dataFolder, 'keys'), { recursive: true });
  await writeFile(join(dataFolder, 'keys'), '');
  await expect(openSecrets({ dataFolder })).rejects.toThrow(StartError);
  await rm(join(dataFolder, 'keys'));
  await mkdir(join(dataFolder, 'keys', 'master.key'), { recursive: true });
  await expect(openSecrets({ dataFolder })).rejects.toThrow(StartError);
});

test('Derived bytes differ by label, and tokens are hashed the same each time', async () => {
  const secrets = await openSecrets({ dataFolder });
  expect(secrets.derive('a')).toHaveLength(32);
  expect(secrets.derive('a')).not.toEqual(secrets.derive('b'));
  const token = createToken();
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(hashToken(token)).toBe(hashToken(token));
  expect(hashToken(token)).not.toContain(token);
});
