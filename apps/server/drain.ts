import { setTimeout as sleep } from 'node:timers/promises';
import type { Suite } from './compose.ts';

/** A proxy that asks for readiness every second or two has learnt of it by then. */
const noticeMs = 3_000;
/** Over which pages are sent to other processes. */
const spreadMs = 1_500;
const lookMs = 200;

/**
 * Before this process ends: it says that it is not ready any more, takes no call, page or telephone, and goes on with what it
 * has. Resolves when nothing is left, after `limitMs`, or when `hurry` says so; what is left then ends with the process.
 */
export async function drain({
  suite,
  limitMs,
  hurry,
}: {
  suite: Suite;
  limitMs: number;
  hurry: AbortSignal;
}): Promise<void> {
  const { core, calls } = suite;
  const until = performance.now() + limitMs;
  const isOver = () => hurry.aborted || performance.now() >= until;
  const pause = (ms: number) =>
    sleep(Math.min(ms, Math.max(0, until - performance.now())), undefined, { signal: hurry }).catch(() => {});
  const left = () => ({
    calls: calls.underWay,
    pages: core.live.connections().length,
    requests: core.http.underWay,
  });

  core.log.info(left(), 'draining');
  core.http.drain();
  await core.owned
    .drain()
    .catch((error: Error) =>
      core.log.warn({ err: error }, 'other processes could not be told of the draining'),
    );
  await pause(noticeMs);
  core.live.drain(spreadMs);
  while (!isOver() && Object.values(left()).some((count) => count > 0)) await pause(lookMs);
  core.log.info({ ...left(), hurried: hurry.aborted }, 'drained');
}
