import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until the embedded server serves nobody any more. A closed pool has said goodbye, but the server may not have
 * heard it yet: told to shut down at that moment it would break those connections, and both sides would log an error.
 * Seen from outside, by the titles of its processes: a session that asks would itself be one.
 */
export async function sessionsEnded(postmaster: number, withinMs = 1_000): Promise<void> {
  for (const deadline = performance.now() + withinMs; performance.now() < deadline; await sleep(5)) {
    const children = await textOf(`/proc/${postmaster}/task/${postmaster}/children`);
    const titles = await Promise.all(
      children
        .trim()
        .split(' ')
        .map((pid) => textOf(`/proc/${pid}/cmdline`)),
    );
    if (!titles.some((title) => /^postgres: .* 127\.0\.0\.1\(\d+\)/.test(title))) return;
  }
}

const textOf = (file: string) => readFile(file, 'utf8').catch(() => '');
