import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '../measure/process-tree.ts';
import type { RunningServer } from '../measure/server.ts';
import { restMs, whatRuns } from './soak-rest.ts';

/** What a call that stands holds in memory, in kilobytes; null where it could not be seen. */
export interface StandingCall {
  readonly signallingKb: number;
  readonly mediaKb: number | null;
  /** So many stood. */
  readonly standing: number;
}

/** They are set up in this time. */
const setUpMs = 15_000;
const quietWithinMs = 60_000;

/**
 * What V8 holds after a collection, with calls that stand and without, in the same server. Not what the processes take from the system:
 * a server that has carried calls keeps their room, and calls that stand afterwards fill it. Each time what a call leaves for a
 * while is gone first: INVITE transactions last for 32 s, and nothing of the calls before must be missing afterwards.
 *
 * @param call opens so many calls at that rate and lets each stand for so long.
 */
export async function measureStandingCall(
  server: RunningServer,
  calls: number,
  call: (order: { perSecond: number; calls: number; holdMs: number }) => Promise<{ failed: number }>,
): Promise<StandingCall> {
  const media = memoryOf(server.pid).find(({ name }) => name.includes('media-process'))?.pid;
  const collector = media === undefined ? undefined : await openCollector(media);
  try {
    await untilQuiet(server);
    await sleep(restMs);
    const before = { own: await heldByServer(server), media: await collector?.held() };
    const perSecond = Math.ceil((1000 * calls) / setUpMs);
    const lookingMs = 25_000;
    const standing = call({ perSecond, calls, holdMs: setUpMs + restMs + lookingMs });
    await sleep(setUpMs + restMs);
    const { running } = await whatRuns(server);
    const after = { own: await heldByServer(server), media: await collector?.held() };
    await standing;
    const each = (bytes: number) => bytes / running / 1024;
    return {
      signallingKb: each(after.own - before.own),
      mediaKb:
        after.media === undefined || before.media === undefined ? null : each(after.media - before.media),
      standing: running,
    };
  } finally {
    collector?.close();
  }
}

/** Calls that went wrong before may go on for as long as messages are repeated. */
async function untilQuiet(server: RunningServer): Promise<void> {
  for (const until = performance.now() + quietWithinMs; performance.now() < until; await sleep(1000)) {
    const { running, sessions } = await whatRuns(server);
    if (running + sessions === 0) return;
  }
  throw new Error('calls of before go on: what calls hold cannot be told from what those let go of');
}

/** V8 lets go of code that is not run any more after several only, and of what finalizers let go of after one more. */
const collections = 10;

/** Of a server that collects when it is told to (`collectsWhenTold`). */
async function heldByServer(server: RunningServer): Promise<number> {
  for (let times = 0; times < collections; times++) {
    process.kill(server.pid, 'SIGUSR2');
    await sleep(1000);
  }
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return ['nodejs_heap_size_used_bytes', 'nodejs_external_memory_bytes']
    .map((name) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1] ?? Number.NaN))
    .reduce((sum, bytes) => sum + bytes, 0);
}

interface Collector {
  held(): Promise<number>;
  close(): void;
}

/** Where Node's inspector listens when a process is asked for it by a signal. */
const inspector = 'http://127.0.0.1:9229/json/list';

/** A media process hears from nobody but its parent: Node's inspector, which SIGUSR1 opens, lets it collect and tell. */
async function openCollector(pid: number): Promise<Collector | undefined> {
  process.kill(pid, 'SIGUSR1');
  let address: string | undefined;
  for (const until = performance.now() + 5000; performance.now() < until && address === undefined; ) {
    await sleep(50);
    const listed = await fetch(inspector).then(
      (answer) => answer.json() as Promise<{ webSocketDebuggerUrl?: string }[]>,
      () => [],
    );
    address = listed[0]?.webSocketDebuggerUrl;
  }
  if (address === undefined) return undefined;
  const socket = new WebSocket(address);
  let count = 0;
  const waiting = new Map<number, (result: { result?: { value?: unknown } }) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as {
      id?: number;
      result?: { result?: { value?: unknown } };
    };
    if (id !== undefined) waiting.get(id)?.(result ?? {});
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  const evaluate = (expression: string) =>
    new Promise<unknown>((resolve) => {
      count += 1;
      waiting.set(count, ({ result }) => resolve(result?.value));
      socket.send(JSON.stringify({ id: count, method: 'Runtime.evaluate', params: { expression } }));
    });
  // The port may have been somebody else's.
  if ((await evaluate('process.pid')) !== pid) {
    socket.close();
    return undefined;
  }
  return {
    async held() {
      for (let times = 0; times < 2; times++) {
        await evaluate('globalThis.gc()');
        await sleep(500);
      }
      return Number(await evaluate('process.memoryUsage().heapUsed + process.memoryUsage().external'));
    },
    close: () => socket.close(),
  };
}
