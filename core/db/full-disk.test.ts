import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { createLog } from '../log/index.ts';
import { startEmbeddedPostgres } from '../postgres/index.ts';
import { coreMigrations, testPassword } from '../testing/test-db.ts';
import { createDb } from './db.ts';
import { migrate } from './migrate.ts';

const run = promisify(execFile);
const org = '00000000-0000-7000-8000-000000000001';
const MiB = 2 ** 20;

test.runIf(process.getuid?.() === 0)(
  'On a disk that is full a write is refused with a reason, what was acknowledged is there, and with room it goes on',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'liaison-full-'));
    await chmod(folder, 0o755);
    const [disk, small] = [join(folder, 'disk'), join(folder, 'small')];
    const mounted: string[] = [];
    try {
      for (const [place, size] of [
        [disk, '400m'],
        [small, '4m'],
      ] as const) {
        await mkdir(place);
        await run('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'none', place]);
        mounted.push(place);
      }
      const server = await startEmbeddedPostgres({
        dataFolder: join(disk, 'data'),
        systemFolder: join(disk, 'var'),
        log: createLog({ level: 'silent' }),
      });
      const db = createDb({ url: server.url, password: testPassword, poolSize: 3 });
      const acknowledged: string[] = [];
      // What does not compress, so that it takes its room.
      const write = async () => {
        const id = randomUUID();
        const name = randomBytes(300_000).toString('base64');
        await db.transaction(org, (tx) =>
          tx.query(
            "insert into core.space (id, org_id, kind, name, home_site) values ($1, $2, 'team', $3, 0)",
            [id, org, name],
          ),
        );
        acknowledged.push(id);
      };
      const refusal = async () => {
        for (let tries = 0; tries < 300; tries += 1) {
          const refused = await write().then(
            () => undefined,
            (error: unknown) => error,
          );
          if (refused !== undefined) return refused;
        }
        throw new Error('it never was full');
      };
      const kept = async () =>
        (await db.read(org, (tx) => tx.query('select id from core.space'))).map(({ id }) => id).toSorted();
      try {
        await migrate({ url: server.url, password: testPassword, sources: [coreMigrations] });
        const keeper = new pg.Client({ connectionString: server.url });
        await keeper.connect();
        await keeper.query('alter table core.space drop constraint space_name_check');
        // A disk of data alone, which the log is not on.
        const { uid, gid } = await stat(server.place.cluster);
        await mkdir(join(small, 'data'));
        await chown(join(small, 'data'), uid, gid);
        await keeper.query(`create tablespace small location '${join(small, 'data')}'`);
        await keeper.query('alter table core.space set tablespace small');
        for (let again = 0; again < 2; again += 1)
          expect(await refusal()).toMatchObject({ status: 503, code: 'database-full' });
        expect(acknowledged.length).toBeGreaterThan(0);
        // Who only reads notices nothing.
        expect(await kept()).toEqual(acknowledged.toSorted());
        await run('mount', ['-o', 'remount,size=8m', small]);
        await write();

        // The disk of everything: the log finds no room either, and PostgreSQL begins anew.
        await keeper.query('alter table core.space set tablespace pg_default');
        await keeper.end();
        const others = join(disk, 'others');
        const { bavail, bsize } = await statfs(disk);
        await writeFile(others, Buffer.alloc(bavail * bsize - 12 * MiB));
        expect(await refusal()).toMatchObject({ status: 503 });
        await rm(others);
        await vi.waitFor(write, { timeout: 60_000, interval: 200 });
        expect(await kept()).toEqual(expect.arrayContaining(acknowledged));
      } finally {
        await db.close();
        await server.stop();
      }
    } finally {
      for (const place of mounted) await run('umount', [place]);
      await rm(folder, { recursive: true, force: true });
    }
  },
  120_000,
);
