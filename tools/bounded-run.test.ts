import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { endRuns, graceMs, runBounded } from './bounded-run.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] !== 'Z';
  } catch {
    return false;
  }
}

async function ended(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (!isAlive(pid)) return true;
    await pause(20);
  }
  return false;
}

/** Waits for a file: a program begins in its own time, and the clock is turned when it has. */
async function there(file: string): Promise<void> {
  while (!existsSync(file)) await pause(20);
}

afterEach(() => vi.useRealTimers());

const bash = (script: string, timeoutMs: number) =>
  runBounded({ command: 'bash', args: ['-c', script], timeoutMs, output: 'keep' });

test('gives the exit status and what was printed on both outputs', async () => {
  const run = await bash('echo out; echo err >&2; exit 3', 10_000);
  expect(run).toMatchObject({ status: 3, timedOut: false, fault: undefined });
  expect(run.output.split('\n').sort()).toEqual(['', 'err', 'out']);
});

test('a program that is not there is a fault, not an exception', async () => {
  const run = await runBounded({ command: '/no/such/program', args: [], timeoutMs: 1000, output: 'keep' });
  expect(run.status).toBeUndefined();
  expect(run.fault).toMatch(/could not start/);
});

test('what does not end in time is ended with everything it started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-bounded-'));
  try {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const running = bash(`sleep 300 & echo $! > ${folder}/new; mv ${folder}/new ${folder}/pid; wait`, 1000);
    await there(join(folder, 'pid'));
    vi.advanceTimersByTime(1000);
    expect(await running).toMatchObject({ timedOut: true, fault: 'did not end within 1 s' });
    expect(await ended(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a child left behind does not hold us, and does not live on', async () => {
  const run = await bash('sleep 300 & echo $!', 20_000);
  expect(run).toMatchObject({ status: 0, fault: undefined });
  expect(run.durationMs).toBeLessThan(10_000);
  expect(await ended(Number(run.output.trim()))).toBe(true);
});

test('one that ignores the polite signal is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-bounded-'));
  try {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const script = `trap 'touch ${folder}/asked' TERM; touch ${folder}/begun; while true; do sleep 0.1; done`;
    const running = bash(script, 1000);
    await there(join(folder, 'begun'));
    vi.advanceTimersByTime(1000);
    await there(join(folder, 'asked'));
    vi.advanceTimersByTime(graceMs);
    expect(await running).toMatchObject({ timedOut: true, status: undefined });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('all runs are ended together, and what they had said so far is answered', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-bounded-'));
  try {
    const runs = ['one', 'two'].map((word) =>
      bash(`echo ${word}; touch ${folder}/${word}; sleep 300`, 20_000),
    );
    for (const word of ['one', 'two']) await there(join(folder, word));
    // What was printed before waits in the pipe by now: a turn of the loop reads it.
    await pause(20);
    expect(endRuns().sort()).toEqual(['one\n', 'two\n']);
    for (const run of runs) expect(await run).toMatchObject({ fault: 'was ended by SIGKILL' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
