import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { loginRoles } from '../db/index.ts';
import { createTestDb, type TestDb, testPassword } from '../testing/test-db.ts';
import { createJobs, defineJob, type JobContext, type Jobs } from './index.ts';

let test: TestDb;
const opened: Jobs[] = [];
const logged: { message: string; fields: Record<string, unknown> }[] = [];
const note = (fields: Record<string, unknown>, message: string) => void logged.push({ fields, message });
const log = { debug() {}, info() {}, warn: note, error: note };

beforeEach(async () => {
  test = await createTestDb();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((jobs) => jobs.stop()));
  await test.close();
  logged.length = 0;
});

const open = (): Jobs => {
  const jobs = createJobs({ db: test.db, log, pollMs: 200 });
  opened.push(jobs);
  return jobs;
};
const until = (check: () => unknown, timeout = 15_000) => vi.waitUntil(check, { timeout, interval: 20 });
const count = async () =>
  Number((await test.admin('select count(*) as n from graphile_worker._private_jobs'))[0]!.n);

const send = defineJob({
  name: 'test.send',
  payload: z.object({ to: z.string().max(100), tries: z.number().default(1) }),
});
const hang = defineJob({ name: 'test.hang', payload: z.object({ n: z.number() }) });

it('a job is added by a process that runs none and done by one that does', async () => {
  const adder = open();
  await adder.add(send, { to: 'ines' });
  const worker = open();
  const done: unknown[] = [];
  worker.handle(send, async (payload, { attempt }) => void done.push({ ...payload, attempt }));
  await worker.start();
  await until(() => done.length === 1);
  await adder.add(send, { to: 'kofi', tries: 2 });
  await until(() => done.length === 2);
  expect(done).toEqual([
    { to: 'ines', tries: 1, attempt: 1 },
    { to: 'kofi', tries: 2, attempt: 1 },
  ]);
  await until(async () => (await count()) === 0);
});

it('several processes may begin at once on an empty database', async () => {
  const done: string[] = [];
  const all = Array.from({ length: 4 }, () => open());
  await Promise.all(all.map((jobs, i) => jobs.add(send, { to: `p${i}` })));
  all[0]!.handle(send, async ({ to }) => void done.push(to));
  await all[0]!.drain();
  expect(done.sort()).toEqual(['p0', 'p1', 'p2', 'p3']);
});

it('a payload is checked when it is added, and bounded', async () => {
  const jobs = open();
  await expect(jobs.add(send, { to: 'x'.repeat(101) })).rejects.toThrow();
  const large = defineJob({ name: 'test.large', payload: z.string() });
  await expect(jobs.add(large, 'x'.repeat(70_000))).rejects.toThrow('at most');
});

it('a later job with the same key takes the place of a waiting one; keys of different jobs do not meet', async () => {
  const jobs = open();
  const other = defineJob({ name: 'test.other', payload: z.object({ n: z.number() }) });
  const done: unknown[] = [];
  jobs.handle(send, async ({ to }) => void done.push(to));
  jobs.handle(other, async ({ n }) => void done.push(n));
  await jobs.add(send, { to: 'first' }, { key: 'k' });
  await jobs.add(other, { n: 1 }, { key: 'k' });
  await jobs.add(send, { to: 'second' }, { key: 'k' });
  await jobs.add(send, { to: 'later' }, { runAt: new Date(Date.now() + 3_600_000) });
  await jobs.drain();
  expect(done.sort()).toEqual([1, 'second']);
});

it('what fails is tried again, and left for an administrator who may have it tried again', async () => {
  const jobs = open();
  const weak = defineJob({ name: 'test.weak', payload: z.object({}), maxAttempts: 2 });
  const attempts: number[] = [];
  let works = false;
  jobs.handle(weak, async (_payload, { attempt }) => {
    attempts.push(attempt);
    if (!works) throw new Error('the other side is away');
  });
  await jobs.add(weak, {});
  await jobs.drain();
  expect(attempts).toEqual([1]);
  expect(await jobs.failed()).toEqual([]);
  await test.admin('update graphile_worker._private_jobs set run_at = now()');
  await jobs.drain();
  expect(attempts).toEqual([1, 2]);
  const [failed] = await jobs.failed();
  expect(failed).toMatchObject({ name: 'test.weak', attempts: 2, error: expect.stringContaining('is away') });
  await jobs.drain();
  expect(attempts).toEqual([1, 2]);
  works = true;
  await jobs.retry(failed!.id);
  await jobs.drain();
  expect(attempts).toEqual([1, 2, 1]);
  expect(await count()).toBe(0);
  await expect(jobs.retry("1'; drop table x")).rejects.toThrow('by its number');
});

it('a job whose process was killed is run again by another within seconds', async () => {
  const adder = open();
  await adder.add(hang, { n: 1 });
  const passwords = Object.fromEntries(loginRoles.map((role) => [role, testPassword(role)]));
  const child = spawn(
    process.execPath,
    [
      new URL('./testing/worker-process.ts', import.meta.url).pathname,
      JSON.stringify({ url: test.url, passwords }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    await once(createInterface({ input: child.stdout }), 'line');
    const runs: JobContext[] = [];
    const survivor = open();
    survivor.handle(hang, async (_payload, context) => void runs.push(context));
    await survivor.start();
    // The other's job is its own while it lives: several looks pass.
    await until(async () => {
      const looks = await test.admin(
        "select 1 from pg_locks where locktype = 'advisory' and classid = 731003 and granted",
      );
      return looks.length >= 2;
    });
    await sleep(1000);
    expect(runs).toHaveLength(0);
    child.kill('SIGKILL');
    await until(() => runs.length === 1);
    expect(runs[0]!.attempt).toBe(2);
    await until(async () => (await count()) === 0);
  } finally {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}, 60_000);

it('a job that the stop interrupts is run again, without having lost an attempt', async () => {
  const first = open();
  let begun = () => {};
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  first.handle(hang, async (_payload, { signal }) => {
    begun();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  });
  await first.start();
  await first.add(hang, { n: 1 });
  await running;
  await first.stop();
  expect(await count()).toBe(1);
  const attempts: number[] = [];
  const second = open();
  second.handle(hang, async (_payload, { attempt }) => void attempts.push(attempt));
  await second.drain();
  expect(attempts).toEqual([1]);
  expect(await count()).toBe(0);
});

it('a job that does not heed the stop is left behind and run again', async () => {
  const first = open();
  let begun = () => {};
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let finish = () => {};
  first.handle(hang, async () => {
    begun();
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  await first.start();
  await first.add(hang, { n: 1 });
  await running;
  await first.stop();
  const second = open();
  const attempts: number[] = [];
  second.handle(hang, async (_payload, { attempt }) => void attempts.push(attempt));
  await second.start();
  await until(() => attempts.length === 1);
  finish();
});

it('a cron line runs once per time, however many runners there are', async () => {
  const runs: string[] = [];
  const runners = [open(), open()];
  for (const [i, jobs] of runners.entries()) {
    jobs.every('test.each-minute', '* * * * *', async () => void runs.push(`runner ${i}`));
    await jobs.start();
  }
  await until(() => runs.length > 0, 75_000);
  // The other runner's clock has come to the same minute by now; a second job would be waiting or done.
  await sleep(2000);
  expect(runs).toHaveLength(1);
  // A restart within the minute does not repeat it, and times that were missed are passed over.
  await test.admin(
    "update graphile_worker._private_known_crontabs set last_execution = last_execution - interval '3 hours'",
  );
  await runners[0]!.stop();
  const again = open();
  again.every('test.each-minute', '* * * * *', async () => void runs.push('again'));
  await again.start();
  await sleep(500);
  expect(runs).toHaveLength(1);
}, 120_000);

it('two handlers of one name, and one that comes too late, are refused', async () => {
  const jobs = open();
  jobs.handle(send, async () => {});
  expect(() => jobs.every('test.send', '* * * * *', async () => {})).toThrow('two handlers');
  await jobs.start();
  expect(() => jobs.handle(hang, async () => {})).toThrow('too late');
  await jobs.stop();
  await jobs.stop();
});

it('a cron line that is none is refused at the start', async () => {
  const jobs = open();
  jobs.every('test.wrong', 'every now and then', async () => {});
  await expect(jobs.start()).rejects.toThrow();
});
