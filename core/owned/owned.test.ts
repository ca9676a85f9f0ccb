import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Bus, createInProcessBus, createNatsBus } from '../bus/index.ts';
import { createNatsServer } from '../bus/testing/index.ts';
import { Problem } from '../contract/index.ts';
import { createDb, type Db, loginRoles } from '../db/index.ts';
import { createIds } from '../ids/index.ts';
import { createTestDb, type TestDb, testPassword } from '../testing/test-db.ts';
import {
  createOwned,
  NotOwned,
  OutcomeUnknown,
  type Owned,
  OwnedElsewhere,
  type OwnedOptions,
  type OwnerHandlers,
  type Thing,
} from './index.ts';
import { createSwitchableProxy } from './testing/switchable-proxy.ts';

const ids = createIds({ site: 1 });
const orgId = ids.next();
const logged: string[] = [];
const log = {
  info() {},
  warn: (_fields: unknown, message: string) => void logged.push(message),
  error: (_fields: unknown, message: string) => void logged.push(message),
};
/** The same promises hold over either bus; over NATS each process has a connection of its own. */
interface Way {
  open(): Promise<void>;
  /** The bus of one more process. */
  bus(): Promise<Bus>;
  close(): Promise<void>;
}

function withinOneProcess(): Way {
  const shared = createInProcessBus(log);
  return { open: async () => {}, bus: async () => shared, close: () => shared.close() };
}

function overNats(): Way {
  let server: Awaited<ReturnType<typeof createNatsServer>>;
  const buses: Bus[] = [];
  return {
    async open() {
      server = await createNatsServer();
      await server.start();
    },
    async bus() {
      const opened = createNatsBus({ url: `nats://127.0.0.1:${server.port}`, log });
      buses.push(opened);
      await opened.connected;
      return opened;
    },
    async close() {
      for (const each of buses) await each.close();
      await server.kill();
    },
  };
}

describe.each([
  ['within one process', withinOneProcess],
  ['over NATS', overNats],
] as const)('%s', (_name, create) => {
  const way = create();
  const quick = { leaseMs: 1600, renewMs: 300, sweepMs: 200 };

  let test: TestDb;
  let bus: Bus;
  const started: Owned[] = [];
  const closing: (() => Promise<void>)[] = [];
  const mending: (() => void)[] = [];

  beforeAll(async () => {
    test = await createTestDb();
    await way.open();
    bus = await way.bus();
  });
  afterEach(async () => {
    vi.useRealTimers();
    for (const mend of mending.splice(0)) mend();
    await Promise.all(started.splice(0).map((owned) => owned.stop()));
    for (const close of closing.splice(0)) await close();
    expect(await test.admin('select id from core.lease')).toEqual([]);
    await test.admin('delete from core.process where lost_at is not null');
  });
  afterAll(async () => {
    await bus.close();
    await way.close();
    await test.close();
  });

  async function startOwned(options: Partial<OwnedOptions> = {}): Promise<Owned> {
    const own = options.bus ?? (await way.bus());
    const owned = createOwned({ db: test.db, log, ids, duties: ['live'], ...quick, ...options, bus: own });
    started.push(owned);
    await owned.start();
    return owned;
  }
  const newThing = (): Thing => ({ kind: 'call', id: ids.next(), orgId });
  const handlers = (more: Partial<OwnerHandlers> = {}): OwnerHandlers => ({
    command: async (name, params, meta) => ({ name, params, ...meta }),
    lost: () => {},
    ...more,
  });
  const until = (check: () => unknown, timeout = 10_000) => vi.waitUntil(check, { timeout, interval: 20 });

  /** A database behind a cable that can be cut. */
  async function cuttableDb() {
    const url = new URL(test.url);
    const proxy = await createSwitchableProxy({ host: url.hostname, port: Number(url.port) });
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const db = createDb({ url: url.href, password: testPassword, poolSize: 4 });
    mending.push(() => proxy.mend());
    closing.push(async () => {
      await db.close();
      await proxy.close();
    });
    return { db, proxy };
  }

  describe('a claim', () => {
    it('is refused while another process has the thing, and epochs rise over release', async () => {
      const [one, two] = [await startOwned(), await startOwned()];
      const thing = newThing();
      const first = await one.claim(thing, handlers());
      expect(first.held).toBe(true);
      expect(await two.ownerOf(thing)).toBe(one.processId);
      await expect(two.claim(thing, handlers())).rejects.toEqual(new OwnedElsewhere(one.processId));
      await expect(one.claim(thing, handlers())).rejects.toEqual(new OwnedElsewhere(one.processId));
      await first.release();
      expect(first.held).toBe(false);
      expect(await two.ownerOf(thing)).toBeNull();
      const second = await two.claim(thing, handlers());
      expect(second.epoch).toBeGreaterThan(first.epoch);
      await second.release();
      expect((await one.claim(thing, handlers())).epoch).toBeGreaterThan(second.epoch);
    });

    it('of twenty at once succeeds for one', async () => {
      const owners = await Promise.all(Array.from({ length: 4 }, () => startOwned()));
      const thing = newThing();
      const answers = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => owners[i % 4]!.claim(thing, handlers())),
      );
      expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
      for (const answer of answers) {
        if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(OwnedElsewhere);
      }
    });

    it('is looked up by key, as its end is, however few there were when that was planned', async () => {
      const { processId } = await startOwned();
      const session = new pg.Client({ connectionString: test.url });
      await session.connect();
      closing.push(() => session.end());
      await session.query('analyze core.lease');
      await session.query('begin');
      for (let times = 0; times < 10; times++) {
        const { rows } = await session.query('select epoch from core.claim($1, $2, $3, $4)', [
          'call',
          `call-${times}`,
          orgId,
          processId,
        ]);
        expect(rows).toHaveLength(1);
        if (times % 2 === 0) {
          await session.query('select core.release($1::text[], $2::text[], $3::uuid[], $4::bigint[])', [
            ['call'],
            [`call-${times}`],
            [processId],
            [rows[0].epoch],
          ]);
        }
      }
      const { rows } = await session.query(
        "select seq_scan::integer as scans from pg_stat_xact_user_tables where relid = 'core.lease'::regclass",
      );
      expect(rows).toEqual([{ scans: 0 }]);
      expect((await session.query('select from core.lease')).rowCount).toBe(5);
      await session.query('rollback');
    });

    it('is asked of for many things at once; processes are found by duty and machine', async () => {
      const [one, other] = [
        await startOwned({ duties: ['live', 'media'] }),
        await startOwned({ duties: ['sip'] }),
      ];
      const things = [newThing(), newThing(), newThing()];
      await one.claim(things[0]!, handlers());
      const given = await other.claim(things[1]!, handlers());
      const owned = () =>
        other.owned(
          'call',
          things.map(({ id }) => id),
        );
      expect(await owned()).toEqual(new Set([things[0]!.id, things[1]!.id]));
      await given.release();
      expect(await owned()).toEqual(new Set([things[0]!.id]));
      expect(await other.owned('room', [things[0]!.id])).toEqual(new Set());
      expect(await other.owned('call', [])).toEqual(new Set());
      expect(await other.processesWith('media')).toEqual([one.processId]);
      expect(await other.processesOfThisHost()).toEqual(
        expect.arrayContaining([one.processId, other.processId]),
      );
      // One that drains keeps what it has and is there for it; it takes nothing on, and nobody brings it anything.
      await one.drain();
      await expect(one.claim(newThing(), handlers())).rejects.toMatchObject({
        code: 'draining',
        status: 503,
      });
      await one.claim({ ...newThing(), kind: 'relays', id: one.processId }, handlers());
      expect(await owned()).toEqual(new Set([things[0]!.id]));
      expect(await other.processesWith('media')).toEqual([one.processId]);
      expect(await other.processesWith('media', { taking: true })).toEqual([]);
      await one.stop();
      expect(await other.processesWith('media')).toEqual([]);
    });

    it('is refused before the start and after the stop', async () => {
      const owned = createOwned({ db: test.db, bus, log, ids, duties: [] });
      await expect(owned.claim(newThing(), handlers())).rejects.toEqual(
        expect.objectContaining({ code: 'not-running' }),
      );
      await owned.stop();
      await owned.start();
      await owned.stop();
      await expect(owned.claim(newThing(), handlers())).rejects.toEqual(
        expect.objectContaining({ code: 'not-running' }),
      );
    });
  });

  describe.each(['its own process', 'another process'])('a command from %s', (from) => {
    async function pair(more: Partial<OwnerHandlers> = {}) {
      const owner = await startOwned();
      const sender = from === 'its own process' ? owner : await startOwned();
      const thing = newThing();
      const ownership = await owner.claim(thing, handlers(more));
      return { owner, sender, thing, ownership };
    }

    it('reaches the owner as JSON, with its epoch, and so does the answer come back', async () => {
      const { sender, thing, ownership } = await pair();
      const answer = await sender.send(
        thing,
        'mute',
        { at: new Date(0), gone: undefined },
        { idempotencyKey: 'k' },
      );
      expect(answer).toEqual({
        name: 'mute',
        params: { at: '1970-01-01T00:00:00.000Z' },
        epoch: ownership.epoch,
        idempotencyKey: 'k',
      });
    });

    it('is refused by the Problem that the owner throws, and tells nothing of other errors', async () => {
      const { sender, thing } = await pair({
        async command(name) {
          if (name === 'busy') {
            throw new Problem(409, 'line-busy', 'The line is busy.', {
              detail: 'two calls',
              retryAfterSeconds: 3,
            });
          }
          throw new Error('password is 123');
        },
      });
      const busy = await sender.send(thing, 'busy', null).catch((error: unknown) => error);
      expect(busy).toBeInstanceOf(Problem);
      expect(busy).toMatchObject({
        status: 409,
        code: 'line-busy',
        message: 'The line is busy.',
        detail: 'two calls',
        retryAfterSeconds: 3,
      });
      const broken = await sender.send(thing, 'break', null).catch((error: unknown) => error);
      expect(broken).toMatchObject({ status: 500, code: 'command-failed' });
      expect(JSON.stringify((broken as Problem).body())).not.toContain('123');
    });

    it('is carried out once however often it is repeated with its key', async () => {
      let count = 0;
      const { sender, thing } = await pair({ command: async () => ++count });
      const repeats = Array.from({ length: 5 }, () =>
        sender.send(thing, 'dial', null, { idempotencyKey: 'one' }),
      );
      expect(await Promise.all(repeats)).toEqual([1, 1, 1, 1, 1]);
      expect(await sender.send(thing, 'dial', null, { idempotencyKey: 'one' })).toBe(1);
      expect(await sender.send(thing, 'dial', null, { idempotencyKey: 'two' })).toBe(2);
      expect(await sender.send(thing, 'dial', null)).toBe(3);
      expect(count).toBe(3);
    });

    it('has an unknown outcome when the owner is too slow, and is not carried out twice when it is asked again', async () => {
      let count = 0;
      let finish = () => {};
      const { sender, thing } = await pair({
        async command() {
          count += 1;
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          return 'done';
        },
      });
      await expect(
        sender.send(thing, 'slow', null, { timeoutMs: 100, idempotencyKey: 'slow' }),
      ).rejects.toBeInstanceOf(OutcomeUnknown);
      expect(count).toBe(1);
      const again = sender.send(thing, 'slow', null, { idempotencyKey: 'slow' });
      finish();
      expect(await again).toBe('done');
      expect(count).toBe(1);
    });

    it('finds nobody for what is not owned, was given back, or belongs to another organisation', async () => {
      const { sender, thing, ownership } = await pair();
      await expect(sender.send(newThing(), 'x', null)).rejects.toBeInstanceOf(NotOwned);
      await expect(sender.send({ ...thing, orgId: ids.next() }, 'x', null)).rejects.toBeInstanceOf(NotOwned);
      await ownership.release();
      await expect(sender.send(thing, 'x', null)).rejects.toBeInstanceOf(NotOwned);
    });

    it('is refused when it is too large, and so is its answer', async () => {
      const { sender, thing } = await pair({ command: async () => 'x'.repeat(600_000) });
      await expect(sender.send(thing, 'x', 'x'.repeat(600_000))).rejects.toMatchObject({
        code: 'command-too-large',
      });
      await expect(sender.send(thing, 'x', null)).rejects.toMatchObject({ code: 'answer-too-large' });
    });
  });

  describe('a lapsed lease', () => {
    it('is lost for its owner before another process can have the thing', async () => {
      const { db, proxy } = await cuttableDb();
      const old = await startOwned({ db });
      const next = await startOwned();
      const sender = await startOwned();
      const oldId = old.processId;
      const told: string[][] = [[], [], []];
      for (const [i, owned] of [old, next, sender].entries()) owned.onProcessLost((id) => told[i]!.push(id));
      const thing = newThing();
      let lostAt = 0;
      const first = await old.claim(
        thing,
        handlers({
          lost() {
            lostAt = performance.now();
          },
        }),
      );

      proxy.cut();
      let claimedAt = 0;
      let second: { epoch: number } | undefined;
      while (!second) {
        const held = first.held;
        const asked = performance.now();
        second = await next.claim(thing, handlers({ command: async () => 'new owner' })).catch((error) => {
          expect(error).toBeInstanceOf(OwnedElsewhere);
          return undefined;
        });
        if (second) {
          claimedAt = asked;
          expect(held).toBe(false);
        }
      }
      expect(lostAt).toBeGreaterThan(0);
      expect(lostAt).toBeLessThan(claimedAt);
      expect(first.held).toBe(false);
      expect(second.epoch).toBeGreaterThan(first.epoch);
      expect(await sender.send(thing, 'who', null)).toBe('new owner');
      // Straight to the old one, as a message that was long under way.
      const late = {
        kind: thing.kind,
        id: thing.id,
        orgId,
        epoch: first.epoch,
        command: 'who',
        params: null,
        key: 'late',
      };
      expect(await bus.request(`owned.${oldId}`, late, { timeoutMs: 10_000 })).toEqual({ t: 'not-owned' });
      await expect(old.claim(newThing(), handlers())).rejects.toMatchObject({ code: 'not-running' });

      proxy.mend();
      await until(() => old.processId !== oldId);
      await until(() => told.every((list) => list.length > 0));
      const other = await old.claim(newThing(), handlers());
      expect(other.held).toBe(true);
      expect(await sender.send(other.thing, 'hello', null)).toMatchObject({ name: 'hello' });
      await first.release();
      expect(await sender.ownerOf(thing)).toBe(next.processId);
      // Further looks tell nobody again.
      bus.publish('owned.process-lost', null);
      const [{ until: seen }] = (await test.admin('select clock_timestamp() as until')) as [{ until: Date }];
      await until(async () => {
        const rows = await test.admin('select id from core.process where lost_at is null and until > $1', [
          new Date(seen.getTime() + quick.leaseMs + quick.renewMs),
        ]);
        return rows.length === 3;
      });
      expect(told).toEqual([[oldId], [oldId], [oldId]]);
    });

    it('leaves nothing of a claim that was stored beside the sweep', async () => {
      const owned = await startOwned();
      const { processId } = owned;
      const thing = newThing();
      const other = new pg.Client({ connectionString: test.url });
      await other.connect();
      closing.push(() => other.end());
      // Between its look whether the process lives and its row, the claim waits for somebody else's row of the same thing.
      await other.query('begin');
      await other.query(
        'insert into core.lease (kind, id, org_id, process_id, epoch) values ($1, $2, $3, $4, 1)',
        [thing.kind, thing.id, orgId, ids.next()],
      );
      const claimed = expect(owned.claim(thing, handlers())).rejects.toMatchObject({ code: 'not-running' });
      const waiting =
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      await until(async () => (await test.admin(waiting)).length > 0);
      await test.admin('update core.process set lost_at = clock_timestamp() where id = $1', [processId]);
      await until(() => owned.processId !== processId);
      await other.query('rollback');
      await claimed;
      await until(async () => (await test.admin('select id from core.lease')).length === 0);
    });

    it('makes the outcome of a command unknown that was being worked on', async () => {
      const { db, proxy } = await cuttableDb();
      const old = await startOwned({ db });
      const sender = await startOwned();
      const thing = newThing();
      let finish = () => {};
      let lost = false;
      const working = new Promise<void>((begun) => {
        void old.claim(thing, {
          command: () =>
            new Promise((resolve) => {
              finish = () => resolve('too late');
              begun();
            }),
          lost() {
            lost = true;
          },
        });
      });
      await until(async () => (await sender.ownerOf(thing)) !== null);
      const outcome = expect(sender.send(thing, 'x', null, { timeoutMs: 20_000 })).rejects.toBeInstanceOf(
        OutcomeUnknown,
      );
      await working;
      proxy.cut();
      await until(() => lost);
      finish();
      await outcome;
    });

    it('is not held any more in the first line after this process stood still', async () => {
      const owned = await startOwned();
      let lost = 0;
      const ownership = await owned.claim(newThing(), handlers({ lost: () => void lost++ }));
      const end = performance.now() + quick.leaseMs;
      while (performance.now() < end);
      expect(ownership.held).toBe(false);
      await until(() => lost === 1);
    });

    it('does not come from a wall clock that jumps', async () => {
      const owned = await startOwned();
      const ownership = await owned.claim(newThing(), handlers());
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 });
      expect(ownership.held).toBe(true);
      vi.setSystemTime(Date.now() - 10 * 86_400_000);
      expect(ownership.held).toBe(true);
      const [before] = await test.admin('select until from core.process where id = $1', [owned.processId]);
      await vi.waitUntil(
        async () => {
          const [now] = await test.admin('select until from core.process where id = $1', [owned.processId]);
          return (now!.until as Date) > (before!.until as Date);
        },
        { timeout: 5000 },
      );
      expect(ownership.held).toBe(true);
      // But it is told of.
      await vi.waitUntil(() => owned.clockFault !== null, { timeout: 5000 });
      expect(owned.clockFault).toMatch(/^this machine is 77\d{4} s behind the database$/);
      vi.useRealTimers();
      await vi.waitUntil(() => owned.clockFault === null, { timeout: 5000 });
    });

    it('is not caused by a pool whose connections are all taken', async () => {
      const db: Db = createDb({ url: test.url, password: testPassword, poolSize: 2 });
      closing.push(() => db.close());
      const owned = await startOwned({ db });
      let lost = false;
      const ownership = await owned.claim(
        newThing(),
        handlers({
          lost() {
            lost = true;
          },
        }),
      );
      await Promise.all(
        Array.from({ length: 6 }, () =>
          db.system((tx) => tx.query('select pg_sleep($1)', [(quick.leaseMs * 0.7) / 1000])),
        ),
      );
      expect(lost).toBe(false);
      expect(ownership.held).toBe(true);
    });
  });

  describe('a process that is killed', () => {
    it('is noticed everywhere, once, within ten seconds, and what it owned is free', async () => {
      const children: ChildProcess[] = [];
      closing.push(async () => {
        for (const child of children)
          if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      });
      const defaults = { leaseMs: 8000, renewMs: 2000, sweepMs: 1000 };
      // Buses that do not reach each other: nothing may depend on a message.
      const alone = () => createInProcessBus(log);
      const watchers = [
        await startOwned({ ...defaults, bus: alone() }),
        await startOwned({ ...defaults, bus: alone() }),
      ];
      const told: string[][] = [[], []];
      for (const [i, owned] of watchers.entries()) owned.onProcessLost((id) => told[i]!.push(id));
      const things = [newThing(), newThing()];
      const passwords = Object.fromEntries(loginRoles.map((role) => [role, testPassword(role)]));
      const child = spawn(
        process.execPath,
        [
          new URL('./testing/owner-process.ts', import.meta.url).pathname,
          JSON.stringify({ url: test.url, passwords, things }),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      children.push(child);
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      const { processId, epochs } = JSON.parse(line) as { processId: string; epochs: number[] };
      expect(await watchers[0]!.ownerOf(things[0]!)).toBe(processId);
      await expect(watchers[0]!.claim(things[0]!, handlers())).rejects.toEqual(new OwnedElsewhere(processId));

      child.kill('SIGKILL');
      // The ten seconds are what is left of a lease, asked of the database, one look, and a second for the questions: which
      // is soon over on a machine that stands still now and then.
      const [{ left }] = (await test.admin(
        'select extract(epoch from until - clock_timestamp())::float8 * 1000 as left from core.process where id = $1',
        [processId],
      )) as [{ left: number }];
      expect(left).toBeLessThanOrEqual(defaults.leaseMs);
      expect(told).toEqual([[], []]);
      await until(() => told.every((list) => list.length > 0), left + defaults.sweepMs + 5000);
      expect(told).toEqual([[processId], [processId]]);
      for (const [i, thing] of things.entries()) {
        expect((await watchers[i]!.claim(thing, handlers())).epoch).toBeGreaterThan(epochs[i]!);
      }
      expect(told.map((list) => list.length)).toEqual([1, 1]);
    }, 60_000);

    it('does not keep a command waiting longer than its deadline', async () => {
      const sender = await startOwned();
      const gone = ids.next();
      const thing = newThing();
      // As a killed process leaves it for some seconds.
      await test.admin(
        "insert into core.process (id, duties, host, pid, until) values ($1, '{}', 'h', 1, now() + interval '1 hour')",
        [gone],
      );
      await test.admin(
        'insert into core.lease (kind, id, org_id, process_id, epoch) values ($1, $2, $3, $4, 1)',
        [thing.kind, thing.id, orgId, gone],
      );
      await expect(sender.send(thing, 'x', null, { timeoutMs: 300 })).rejects.toBeInstanceOf(OutcomeUnknown);
      await test.admin('update core.process set until = clock_timestamp() where id = $1', [gone]);
      await until(async () => (await sender.ownerOf(thing)) === null);
      await expect(sender.send(thing, 'x', null)).rejects.toBeInstanceOf(NotOwned);
      await until(
        async () =>
          (await test.admin('select id from core.lease where process_id = $1', [gone])).length === 0,
      );
    });
  });

  it('a clean stop hands over at once and is no loss', async () => {
    const leaving = await startOwned();
    const staying = await startOwned();
    const told: string[] = [];
    staying.onProcessLost((id) => told.push(id));
    const thing = newThing();
    const first = await leaving.claim(thing, handlers());
    await leaving.stop();
    expect(first.held).toBe(false);
    expect((await staying.claim(thing, handlers())).epoch).toBeGreaterThan(first.epoch);
    await until(
      async () => (await test.admin('select id from core.process where lost_at is null')).length === 1,
    );
    expect(told).not.toContain(leaving.processId);
  });

  it('what could not be given back while the database was away is given back later', async () => {
    const owned = await startOwned({ leaseMs: 20_000, renewMs: 500 });
    const other = await startOwned({ leaseMs: 20_000, renewMs: 500 });
    const thing = newThing();
    const ownership = await owned.claim(thing, handlers());
    const server = new URL(test.url);
    const name = server.pathname.slice(1);
    server.pathname = '/postgres';
    const keeper = new pg.Client({ connectionString: server.href });
    await keeper.connect();
    closing.push(() => keeper.end());
    await keeper.query(`alter database ${name} with allow_connections false`);
    await keeper.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    await ownership.release();
    expect(ownership.held).toBe(false);
    await keeper.query(`alter database ${name} with allow_connections true`);
    await until(() =>
      other.claim(thing, handlers()).then(
        () => true,
        () => false,
      ),
    );
  });

  it('liaison_app may ask whether a process is alive, and write nothing', async () => {
    const owned = await startOwned();
    await test.db.transaction(orgId, async (tx) => {
      const [row] = await tx.query('select core.alive($1) as yes, core.alive($2) as no', [
        owned.processId,
        ids.next(),
      ]);
      expect(row).toEqual({ yes: true, no: false });
    });
    for (const sql of [
      'delete from core.process',
      'select host from core.process',
      'delete from core.lease',
      "select nextval('core.epoch')",
    ]) {
      await expect(test.db.transaction(orgId, (tx) => tx.query(sql))).rejects.toThrow('permission denied');
    }
  });
});
