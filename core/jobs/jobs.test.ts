import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { loginRoles } from '../db/index.ts';
import { createTestDb, type TestDb, testPassword } from '../testing/test-db.ts';
import { createJobs, defineJob, type JobContext, type Jobs, type JobsOptions } from './index.ts';

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

const open = (options: Partial<JobsOptions> = {}): Jobs => {
  const jobs = createJobs({ db: test.db, log, pollMs: 200, ...options });
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

it('jobs of one queue run one at a time, those of another beside them', async () => {
  const jobs = open({ concurrency: 3 });
  const steps: string[] = [];
  const other = Promise.withResolvers<void>();
  jobs.handle(send, async ({ to }) => {
    steps.push(`${to} begins`);
    if (to === 'c') other.resolve();
    // Time for the second to begin beside the first, if it could: the third does.
    if (to === 'a') await other.promise;
    steps.push(`${to} ends`);
  });
  for (const to of ['a', 'b', 'c']) await jobs.add(send, { to }, { queue: to === 'c' ? 'other' : 'one' });
  await jobs.start();
  await until(() => steps.length === 6);
  expect(steps.filter((step) => !step.startsWith('c'))).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
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
  // The queue does not wait for its own note of a failure.
  const noted = () =>
    until(async () => {
      const locked = await test.admin(
        'select from graphile_worker._private_jobs where locked_at is not null',
      );
      return locked.length === 0;
    });
  await jobs.add(weak, {});
  await jobs.drain();
  await noted();
  expect(attempts).toEqual([1]);
  expect(await jobs.failed()).toEqual([]);
  await test.admin('update graphile_worker._private_jobs set run_at = now()');
  await jobs.drain();
  await noted();
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
  await adder.add(send, { to: 'ines' });
  await test.admin(
    "update graphile_worker._private_jobs set locked_by = 'long dead', locked_at = now() where payload::text like '%ines%'",
  );
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
    let looked = false;
    survivor.handle(hang, async (_payload, context) => void runs.push(context));
    survivor.handle(send, async () => {
      looked = true;
    });
    await survivor.start();
    // Two looks free the job of the one that is dead. The other's job is its own while it lives.
    await until(() => looked);
    expect(
      await test.admin(`select from graphile_worker._private_jobs where locked_by is not null`),
    ).not.toEqual([]);
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
  // Nobody is called for it.
  expect(logged).toEqual([]);
  const attempts: number[] = [];
  const second = open();
  second.handle(hang, async (_payload, { attempt }) => void attempts.push(attempt));
  await second.drain();
  expect(attempts).toEqual([1]);
  expect(await count()).toBe(0);
});

it('a job that does not heed the stop is left behind and run again', async () => {
  const first = open({ stopWithinMs: 500 });
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
  expect(logged.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('does not heed the stop'),
  );
  const second = open();
  const attempts: number[] = [];
  second.handle(hang, async (_payload, { attempt }) => void attempts.push(attempt));
  await second.start();
  await until(() => attempts.length === 1);
  finish();
});

it('a cron line runs once per time, however many runners there are', async () => {
  const minuteMs = 60_000;
  // Of the past, because the database's clock is not moved: what is due by ours is due by its own.
  const first = Math.floor(Date.now() / minuteMs) * minuteMs - 2 * minuteMs;
  const runs: string[] = [];
  /** What each runner says about a line whose time has not come: it has looked, and is past the time before. */
  const early = new Map<string, number>();
  const openCron = (name: string) => {
    const debug = ({ line }: Record<string, unknown>) => {
      if (String(line).includes('too early')) early.set(name, (early.get(name) ?? 0) + 1);
    };
    const jobs = open({ log: { ...log, debug } });
    jobs.every('test.each-minute', '* * * * *', async () => void runs.push(name));
    return jobs;
  };
  /** Moves the clock, and waits until these runners have done what was due and nothing waits. */
  const moveTo = async (time: number, names: readonly string[]) => {
    vi.setSystemTime(time);
    early.clear();
    await until(() => names.every((name) => early.has(name)));
    await until(async () => (await count()) === 0);
  };
  vi.setSystemTime(first - 50);
  try {
    const [one, two] = [openCron('one'), openCron('two')];
    await Promise.all([one.start(), two.start()]);
    await moveTo(first - 40, ['one', 'two']);
    expect(runs).toHaveLength(0);
    await moveTo(first + minuteMs - 50, ['one', 'two']);
    expect(runs).toHaveLength(1);
    // A restart within the minute does not repeat it, and times that were missed are passed over.
    await test.admin(
      "update graphile_worker._private_known_crontabs set last_execution = last_execution - interval '3 hours'",
    );
    await one.stop();
    await openCron('again').start();
    await moveTo(first + minuteMs - 40, ['two', 'again']);
    expect(runs).toHaveLength(1);
    await moveTo(first + 2 * minuteMs - 50, ['two', 'again']);
    expect(runs).toHaveLength(2);
  } finally {
    vi.useRealTimers();
  }
});

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
