import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SystemUser } from './system-user.ts';

/**
 * Ends the program when we are gone: the shell leaves a watcher that reads a pipe of ours and becomes the program
 * itself (`exec`, so that its process id is the one that we know). A line says that all is well; the end of the pipe,
 * which the kernel brings about however we die, makes the watcher ask the program to shut down (SIGINT: PostgreSQL
 * rolls back, writes a checkpoint and ends). Forked twice, because PostgreSQL must not find a stranger among its
 * children.
 */
const guard = `
( (exec </dev/null >/dev/null 2>&1; if read -r line <&3; then exit 0; fi; kill -INT $$) & )
exec 3<&-
exec "$@"
`;

export interface Guarded {
  child: ChildProcess;
  pid: number;
  /** Resolves when the program has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * Starts a program that does not outlive us, in a session of its own so that Ctrl-C in a terminal reaches us only.
 * Output comes line by line to `onLine`.
 */
export async function spawnGuarded(options: {
  program: string;
  args: string[];
  environment: Record<string, string>;
  user: SystemUser | undefined;
  onLine: (line: string) => void;
  input?: string;
}): Promise<Guarded> {
  const { program, args, environment, user, onLine } = options;
  const child = spawn('/bin/sh', ['-c', guard, 'sh', program, ...args], {
    cwd: '/',
    env: environment,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const leash = child.stdio[3] as Writable;
  for (const pipe of [child.stdin, child.stdout, child.stderr, leash]) pipe?.on('error', () => {});
  void ended.then(() => leash.end('ended\n'));
  for (const pipe of [child.stdout, child.stderr]) readLines(pipe, onLine);
  child.stdin?.end(options.input ?? '');
  if (child.pid === undefined) {
    throw await new Promise<Error>((resolve) => child.once('error', resolve));
  }
  return { child, pid: child.pid, ended };
}

function readLines(pipe: ChildProcess['stdout'], onLine: (line: string) => void): void {
  let rest = '';
  pipe?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(-10_000);
    for (const line of lines) onLine(line);
  });
  pipe?.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * PostgreSQL processes of a cluster, by the folder they stand in. That tells them from a stranger who has been given
 * the number that an old `postmaster.pid` names, as happens after a reboot and always in containers.
 */
export async function processesOf(cluster: string): Promise<number[]> {
  const pids: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const folder = await readlink(`/proc/${name}/cwd`).catch(() => '');
    if (folder === cluster) pids.push(Number(name));
  }
  return pids;
}

export interface Postmaster {
  pid: number;
  port: number;
  ready: boolean;
}

/** What PostgreSQL itself wrote into `postmaster.pid`, without asking whether it still runs. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7] === 'ready' };
}

/**
 * Ends whatever an earlier run left on this cluster, and its `postmaster.pid`. An orphan is asked to shut down cleanly
 * and is given time to; one that does not listen is killed, which costs a recovery but no committed row.
 */
export async function endLeftovers(cluster: string, onFound: (pids: number[]) => void): Promise<void> {
  const steps: { signal: NodeJS.Signals; waitMs: number }[] = [
    { signal: 'SIGINT', waitMs: 30_000 },
    { signal: 'SIGQUIT', waitMs: 5_000 },
    { signal: 'SIGKILL', waitMs: 10_000 },
  ];
  let pids = await processesOf(cluster);
  if (pids.length > 0) onFound(pids);
  for (const { signal, waitMs } of steps) {
    if (pids.length === 0) break;
    const postmaster = await readPostmaster(cluster);
    const leader = pids.find((pid) => pid === postmaster?.pid);
    // Without its postmaster a backend ends by itself as soon as it waits; it need not be asked for long.
    for (const pid of leader === undefined || signal === 'SIGKILL' ? pids : [leader]) sendSignal(pid, signal);
    const deadline = Date.now() + (leader === undefined ? Math.min(waitMs, 3_000) : waitMs);
    while (pids.length > 0 && Date.now() < deadline) {
      await sleep(10);
      pids = await processesOf(cluster);
    }
  }
  await rm(join(cluster, 'postmaster.pid'), { force: true });
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone.
  }
}
