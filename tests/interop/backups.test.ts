import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  type BackupStore,
  createIdentity,
  makeBase,
  openBackupStore,
  restoreFromStore,
} from '@liaison/core/backup';
import { createBlobs } from '@liaison/core/blobs';
import { type Swift, startSwift } from '@liaison/core/blobs/testing';
import { createLog } from '@liaison/core/log';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@liaison/core/postgres';
import { alertRules, dashboard } from '@liaison/sites/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';

const run = promisify(execFile);
const log = createLog({ level: 'silent' });
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'liaison-backups-'));
  await chmod(home, 0o755);
});
afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));

describe("backups in Debian's Swift by its S3 face, opened by Debian's age", () => {
  let swift: Swift;
  let server: EmbeddedPostgres;
  let store: BackupStore;
  const systemFolder = () => join(home, 'var');
  const address = (secret = swift.secret) =>
    `s3+http://${encodeURIComponent(swift.keyId)}:${secret}@127.0.0.1:${swift.port}/backups/liaison?region=eu`;
  beforeAll(async () => {
    [swift, server] = await Promise.all([
      startSwift(),
      startEmbeddedPostgres({ dataFolder: join(home, 'one'), log, systemFolder: systemFolder() }),
    ]);
    await swift.makeBucket('backups');
    store = await openBackupStore(address());
  });
  afterAll(async () => {
    store?.close();
    await server?.stop();
    await swift?.stop();
  });

  it('are streams of any length, and what was given up leaves nothing', async () => {
    const bytes = randomBytes(17 * 1024 * 1024);
    const cut = () =>
      Readable.from([bytes.subarray(0, 1), bytes.subarray(1, 9_000_000), bytes.subarray(9_000_000)]);
    expect(await store.put('wal/1/large', cut())).toEqual({ bytes: bytes.length });
    expect((await buffer(await store.get('wal/1/large'))).equals(bytes)).toBe(true);
    for (const name of ['wal/1/a', 'wal/1/b', 'wal/1/c', 'wal/2/d']) await store.put(name, Buffer.from(name));
    await store.put('wal/1/empty', Readable.from([]));
    const ending = new AbortController();
    const stuck = new Readable({ read() {} });
    stuck.push(bytes);
    const given = store.put('wal/1/given-up', stuck, ending.signal);
    setTimeout(() => ending.abort(), 300);
    await expect(given).rejects.toThrow();
    const names: string[] = [];
    for await (const { name } of store.list('wal/1/')) names.push(name);
    expect(names).toEqual(['wal/1/a', 'wal/1/b', 'wal/1/c', 'wal/1/empty', 'wal/1/large']);
    await store.remove('wal/1/a');
    await expect(store.get('wal/1/a')).rejects.toThrow(/has no wal\/1\/a/);
    await expect(openBackupStore(address('wrong'))).rejects.toThrow(/refuses the key · LIAISON_BACKUP_TO/);
  }, 60_000);

  it('are restored from the bucket, and age, zstd and tar read them without us', async () => {
    const { identity, recipient } = await createIdentity();
    const blobs = await createBlobs(pathToFileURL(join(home, 'one', 'blobs')).href);
    const { sha256 } = await blobs.put([Buffer.from('kept')], { maxBytes: 100 });
    const made = await makeBase({
      url: server.url,
      store,
      recipients: [recipient],
      blobs,
      dataFolder: join(home, 'one'),
      passwordFile: server.place.passwordFile,
      nameKey: Buffer.alloc(32, 7),
      version: '1',
      log,
    });
    const settings = {
      dataFolder: join(home, 'two'),
      blobsUrl: pathToFileURL(join(home, 'two', 'blobs')).href,
    };
    const done = await restoreFromStore({
      settings,
      store,
      identities: [identity],
      log,
      systemFolder: systemFolder(),
    });
    expect(done).toMatchObject({ base: { id: made.id }, blobs: { count: 1 } });
    expect(await (await createBlobs(settings.blobsUrl)).has(sha256)).toBe(true);

    const name = `bases/${made.id}/database.tar.zst.age`;
    const [archive, key, other] = ['database', 'key', 'other'].map((file) => join(home, file)) as [
      string,
      string,
      string,
    ];
    await writeFile(archive, await store.get(name));
    await writeFile(key, `# made by backup-key\n${identity}\n`);
    await writeFile(other, `${(await createIdentity()).identity}\n`);
    const { stdout } = await run('/bin/bash', [
      '-c',
      'set -o pipefail; age --decrypt --identity "$0" "$1" | zstd --decompress --stdout | tar --list',
      key,
      archive,
    ]);
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining(['backup_label', 'PG_VERSION', 'global/pg_control']),
    );
    await expect(run('age', ['--decrypt', '--identity', other, archive])).rejects.toThrow(
      /no identity matched/,
    );
  }, 120_000);
});

it('Alerts say in a sentence what is wrong with backups, and nothing where there are none', async () => {
  const minutes = 60;
  const figure = (name: string, value: number) => ({
    series: `${name}{job="liaison",service="worker",instance="a"}`,
    values: `${value}x${minutes}`,
  });
  const troubles: Record<string, { name: string; value: number; says: string }> = {
    LiaisonBackupOld: {
      name: 'liaison_backup_age_seconds',
      value: 100_000,
      says: 'The newest backup is 1d 3h 46m 40s old.',
    },
    LiaisonBackupLogWaits: {
      name: 'liaison_backup_log_waiting_seconds',
      value: 600,
      says: 'What was written in the last 10m 0s is in no backup.',
    },
    LiaisonBackupLogFills: {
      name: 'liaison_backup_log_kept_bytes',
      value: 3 * 1024 ** 3,
      says: 'The database keeps 3GiB of log for the backups.',
    },
    LiaisonBackupUnproved: {
      name: 'liaison_backup_verified_age_seconds',
      value: 300_000,
      says: 'No backup has been proved by a restore for 3d 11h 20m 0s.',
    },
  };
  const rules: { alert: string; labels: { severity: string }; annotations: { mend: string } }[] = parse(
    alertRules(),
  ).groups[0].rules;
  const backupAlerts = rules.flatMap(({ alert: name, labels: { severity }, annotations: { mend } }) =>
    name.startsWith('LiaisonBackup') ? [{ name, severity, mend }] : [],
  );
  expect(Object.keys(troubles)).toEqual(backupAlerts.map(({ name }) => name));
  const at = `${minutes - 5}m`;
  const silent = (except = '') =>
    backupAlerts
      .filter(({ name }) => name !== except)
      .map(({ name }) => ({ eval_time: at, alertname: name, exp_alerts: [] as object[] }));
  const tests = [
    { interval: '1m', input_series: [figure('liaison_outbox_lag_seconds', 0)], alert_rule_test: silent() },
    ...backupAlerts.map(({ name, severity, mend }) => {
      const trouble = troubles[name]!;
      const alert = { exp_labels: { severity }, exp_annotations: { summary: trouble.says, mend } };
      return {
        interval: '1m',
        input_series: [figure(trouble.name, trouble.value)],
        alert_rule_test: [...silent(name), { eval_time: at, alertname: name, exp_alerts: [alert] }],
      };
    }),
  ];
  await writeFile(join(home, 'alerts.yml'), alertRules());
  const file = join(home, 'tests.yml');
  await writeFile(
    file,
    stringify({ rule_files: [join(home, 'alerts.yml')], evaluation_interval: '1m', tests }),
  );
  await run('promtool', ['test', 'rules', file]);
  const shown = dashboard('Estuaria');
  for (const { name } of Object.values(troubles)) expect(shown).toContain(name);
}, 60_000);
