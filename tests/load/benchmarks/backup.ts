import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  checkBackup,
  createBackupService,
  createIdentity,
  makeBase,
  openBackupStore,
  planOf,
  restoreFromStore,
} from '@liaison/core/backup';
import { createBlobs } from '@liaison/core/blobs';
import { loadSettings } from '@liaison/core/config';
import { createLog } from '@liaison/core/log';
import { startEmbeddedPostgres } from '@liaison/core/postgres';
import pg from 'pg';
import { until } from '../../testing/program.ts';
import { scratchFolder } from '../measure/installation.ts';
import { atMost, type Benchmark } from '../measure/report.ts';

/** Of one table: half of it text as people write it, half of it bytes that nothing makes smaller. */
const databaseBytes = 1_000_000_000;
const blobsBytes = 200_000_000;

/**
 * A gigabyte of database and 200 MB of blobs: how fast an encrypted backup is made, restored and proved, and what a total
 * loss costs: the server is killed while somebody writes, and what was acknowledged is looked for in what is restored.
 */
export const backup: Benchmark = async ({ say }) => {
  const { folder, remove } = await scratchFolder('backup');
  const log = createLog({ level: 'silent' });
  try {
    const { identity, recipient } = await createIdentity();
    const settings = {
      ...loadSettings({
        LIAISON_DATA: join(folder, 'one'),
        LIAISON_BACKUP_TO: join(folder, 'backups'),
        LIAISON_BACKUP_RECIPIENT: recipient,
      }),
      logLevel: 'silent' as const,
    };
    const server = await startEmbeddedPostgres({ dataFolder: settings.dataFolder, log });
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => {});
    await client.connect();
    say('filling a database of a gigabyte');
    await client.query(
      'CREATE TABLE message (id bigint PRIMARY KEY, text text, bytes bytea STORAGE EXTERNAL)',
    );
    const rows = Math.round(databaseBytes / 10_000);
    for (let from = 1; from <= rows; from += 2000) {
      // The text repeats words; the bytes are sums, which do not get smaller.
      await client.query(
        `INSERT INTO message SELECT g,
           (SELECT string_agg((ARRAY['the','line','of','a','house','to','itself','and','world','is','one','call'])[1 + (g * n + n * n) % 12], ' ') FROM generate_series(1, 900) n),
           (SELECT string_agg(sha256((g || ' ' || n)::bytea), '') FROM generate_series(1, 150) n)
         FROM generate_series($1::bigint, $2::bigint) g`,
        [from, Math.min(rows, from + 1999)],
      );
    }
    const blobs = await createBlobs(settings.blobsUrl);
    for (let each = 0; each < blobsBytes / 1_000_000; each++) {
      const bytes = Buffer.alloc(1_000_000);
      for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(Math.random() * 2 ** 32, at);
      await blobs.put([bytes], { maxBytes: bytes.length });
    }
    await client.query('CHECKPOINT');
    const plan = (await planOf(settings, 'bench'))!;
    const store = await openBackupStore(plan.to);
    /** Seconds on the clock, and of this process's processor time, which a busy machine does not stretch. */
    const timed = async <Result>(work: () => Promise<Result>): Promise<[Result, number, number]> => {
      const [began, used] = [performance.now(), process.cpuUsage()];
      const result = await work();
      const { user, system } = process.cpuUsage(used);
      return [result, (performance.now() - began) / 1000, (user + system) / 1e6];
    };
    const base = () =>
      makeBase({ ...plan, url: server.url, store, blobs, nameKey: Buffer.from(plan.nameKey, 'hex'), log });
    say('the first backup, with all blobs');
    const [first, firstSeconds, firstUsed] = await timed(base);
    say('the second, with none that is new');
    const [second, secondSeconds] = await timed(base);

    say('log shipped while somebody writes, and a loss in the middle');
    const service = createBackupService({ plan, url: server.url, settings, log });
    await service.start();
    await until(() => service.status?.lastShippedAt !== undefined, 'the log is shipped', 120_000);
    await client.query('CREATE TABLE tick (id serial PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())');
    const acknowledged: { id: number; at: number }[] = [];
    const ends = performance.now() + 60_000;
    while (performance.now() < ends) {
      const { rows: ticked } = await client.query<{ id: number }>(
        'INSERT INTO tick DEFAULT VALUES RETURNING id',
      );
      acknowledged.push({ id: ticked[0]!.id, at: performance.now() });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const lostAt = performance.now();
    process.kill(server.pid, 'SIGKILL');
    await service.stop();
    await client.end().catch(() => {});
    await server.stop().catch(() => {});

    say('restoring database, log, blobs and keys');
    const to = {
      dataFolder: join(folder, 'two'),
      blobsUrl: pathToFileURL(join(folder, 'two', 'blobs')).href,
    };
    const [, restoreSeconds, restoreUsed] = await timed(() =>
      restoreFromStore({ settings: to, store, identities: [identity], log }),
    );
    const again = await startEmbeddedPostgres({ dataFolder: to.dataFolder, log });
    const reader = new pg.Client({ connectionString: again.url });
    await reader.connect();
    const kept = (await reader.query<{ max: number | null }>('SELECT max(id) FROM tick')).rows[0]?.max ?? 0;
    const lost = acknowledged.filter(({ id }) => id > kept);
    const whole = (await reader.query<{ count: string }>('SELECT count(*) FROM message')).rows[0]?.count;
    await reader.end();
    await again.stop();
    const lostSeconds = lost[0] === undefined ? 0 : (lostAt - lost[0].at) / 1000;
    say('proving it, as the server does after each backup');
    const work = join(folder, 'work');
    await mkdir(work);
    const [, checkSeconds] = await timed(() =>
      checkBackup({ store, identities: [identity], base: second, blobs: 'present', workFolder: work, log }),
    );
    const bytes = first.database.bytes + first.blobs.bytes;
    const stored = (await stat(join(folder, 'backups', `bases/${second.id}/database.tar.zst.age`))).size;
    const perTen = (seconds: number) => ((seconds / bytes) * 10e9) / 60;
    return {
      rows: [
        atMost('restore of 10 GB (time to be back, RTO)', 'min', perTen(restoreSeconds), 5),
        atMost('written before the loss and not restored (RPO)', 's', lostSeconds, 60),
        atMost('first backup, blobs included', 'GB/min', bytes / 1e9 / (firstSeconds / 60)),
        atMost('first backup, processor time', 's/GB', firstUsed / (bytes / 1e9)),
        atMost('restore, processor time', 's/GB', restoreUsed / (bytes / 1e9)),
        atMost('next backup, no new blobs', 's', secondSeconds),
        atMost('restore', 's', restoreSeconds),
        atMost('proof by a restore', 's', checkSeconds),
        atMost('database as it is', 'MB', second.database.bytes / 1e6),
        atMost('database as it is stored', 'MB', stored / 1e6),
      ],
      notes: [
        `a table of ${whole} rows, half text and half bytes that do not compress, ${first.blobs.count} blobs of 1 MB; folder on the same disk`,
        `the loss: kill -9 of PostgreSQL after 60 s of a row every 50 ms; ${lost.length} of ${acknowledged.length} rows were not yet in the store`,
        'restore: from the empty folder to a database that has played its log and ended; one process, not pinned',
      ],
      ...(Number(whole) === rows ? {} : { void: `the restored table has ${whole} of ${rows} rows` }),
    };
  } finally {
    await remove();
  }
};
