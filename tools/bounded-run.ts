import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface BoundedRun {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** After this the whole process group is ended, and the run counts as failed. */
  timeoutMs: number;
  /** Show what it prints as it comes, or keep it. Kept output is cut to its last 2,000,000 characters. */
  output: 'show' | 'keep';
}

export interface BoundedResult {
  /** Exit status; undefined when a signal ended it or it could not start. */
  status: number | undefined;
  timedOut: boolean;
  /** Empty when the output was shown. */
  output: string;
  durationMs: number;
  /** Why it did not run to its end by itself; undefined when it did. */
  fault: string | undefined;
}

const KEPT_CHARACTERS = 2_000_000;
export const graceMs = 5_000;
/** What runs now, with a way to what it has printed so far. */
const running = new Map<ChildProcess, () => string>();

/**
 * Runs a program in a process group of its own and answers when it has ended. Whatever it left running in its group is
 * ended with it, so that nothing outlives its stage or holds a pipe open.
 */
export async function runBounded(run: BoundedRun): Promise<BoundedResult> {
  const startedAt = performance.now();
  const show = run.output === 'show' ? 'inherit' : 'pipe';
  const child = spawn(run.command, run.args, {
    cwd: run.cwd,
    env: run.env ?? process.env,
    stdio: ['ignore', show, show],
    detached: true,
  });
  let output = '';
  running.set(child, () => output);
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_CHARACTERS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);

  let timedOut = false;
  let killTimer: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    timedOut = true;
    signalGroup(child, 'SIGTERM');
    killTimer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
  }, run.timeoutMs);

  let fault: string | undefined;
  let status: number | undefined;
  try {
    // `exit`, not `close`: a grandchild that keeps the pipe open must not hold us.
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    status = code ?? undefined;
    if (timedOut) fault = `did not end within ${Math.round(run.timeoutMs / 1000)} s`;
    else if (signal) fault = `was ended by ${signal}`;
  } catch (error) {
    fault = `could not start: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    clearTimeout(timer);
    clearTimeout(killTimer);
    signalGroup(child, 'SIGKILL');
    running.delete(child);
  }
  if (fault === undefined && run.output === 'keep') await drained(child);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return { status, timedOut, output, durationMs: performance.now() - startedAt, fault };
}

/** Ends every run in progress, for the moment when we are ended ourselves; answers what those had printed whose output was kept. */
export function endRuns(): string[] {
  for (const child of running.keys()) signalGroup(child, 'SIGKILL');
  return [...running.values()].map((said) => said()).filter((said) => said !== '');
}

/** The last of a program's output may arrive after its end; the group is gone, so the pipes close soon. */
async function drained(child: ChildProcess): Promise<void> {
  const ends = [child.stdout, child.stderr]
    .filter((stream) => stream !== null && !stream.readableEnded && !stream.destroyed)
    .map((stream) => once(stream!, 'close', { signal: AbortSignal.timeout(graceMs) }).catch(() => undefined));
  await Promise.all(ends);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}
