import { readdirSync } from 'node:fs';
import type pg from 'pg';
import { memoryOf } from '../measure/process-tree.ts';
import type { RunningServer } from '../measure/server.ts';

/** What a server has open while it works. */
export interface Running {
  readonly running: number;
  readonly sessions: number;
  readonly files: number;
  readonly handles: number;
  readonly heapMb: number;
  readonly memoryMb: number;
}

/** What it has left when nobody calls. */
export interface Rest extends Running {
  readonly leases: number;
  readonly claims: number;
}

/** Transactions of INVITE stay for 32 s (RFC 3261 §17.1.1.2), ended calls for 2 s; then nothing may be left of either. */
export const restMs = 38_000;
/** Media processes that nobody needs, and connections of the pool, go a little later. */
const patienceMs = 30_000;

export async function whatRuns(server: RunningServer): Promise<Running> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1] ?? Number.NaN);
  const own = memoryOf(server.pid).filter(({ name }) => !name.includes('postgres'));
  return {
    running: read('liaison_calls_running'),
    sessions: read('liaison_sip_sessions'),
    files: own.reduce((sum, { pid }) => sum + openFiles(pid), 0),
    handles: read('nodejs_active_resources_total'),
    heapMb: read('nodejs_heap_size_used_bytes') / 2 ** 20,
    memoryMb: own.reduce((sum, { pssBytes }) => sum + pssBytes, 0) / 2 ** 20,
  };
}

/** Of a server whose rests are compared: what nobody refers to is no leak, and goes when it is told to by `collect`. */
export const collectsWhenTold = [
  '--expose-gc',
  '--import',
  "data:text/javascript,process.on('SIGUSR2',()=>globalThis.gc())",
];

/** Twice: the second time takes what finalizers of the first let go of. */
async function collect(server: RunningServer): Promise<void> {
  for (let times = 0; times < 2; times++) {
    process.kill(server.pid, 'SIGUSR2');
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

/** Waits until what a call leaves for a while is gone, and looks at the rest. */
export async function lookAtRest(server: RunningServer, database: pg.Client): Promise<Rest> {
  await new Promise((resolve) => setTimeout(resolve, restMs));
  await collect(server);
  const end = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await database.query<{ leases: number; claims: number }>(
      `select (select count(*)::int from core.lease where kind = 'call') as leases,
         (select count(*)::int from reach.claim where kind in ('call', 'ringing')) as claims`,
    );
    const rest = { ...(await whatRuns(server)), ...rows[0]! };
    const isQuiet = rest.running + rest.sessions + rest.leases + rest.claims === 0;
    if (isQuiet || performance.now() > end) return rest;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
