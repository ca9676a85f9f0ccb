import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const lookEveryMs = 100;
const pageBytes = 4096;

/** What a process that reads what strangers made may see of ours: nothing with a secret in it. */
export const bareEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'NODE_ENV'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/**
 * Kills a process that takes too long or too much memory. Where `/proc` is not there, its time alone is bounded.
 *
 * @returns stops the watching. It says no more after that, and the process is left as it is.
 */
export function watch(
  child: ChildProcess,
  { maxMs, maxBytes }: { maxMs: number; maxBytes: number },
): () => void {
  const kill = () => void child.kill('SIGKILL');
  const late = setTimeout(kill, maxMs);
  const looking = setInterval(() => {
    void residentBytes(child.pid).then((bytes) => {
      if (bytes > maxBytes) kill();
    });
  }, lookEveryMs);
  late.unref();
  looking.unref();
  return () => {
    clearTimeout(late);
    clearInterval(looking);
  };
}

async function residentBytes(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0;
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(statm.split(' ')[1] ?? 0) * pageBytes;
}
