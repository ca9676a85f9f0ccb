import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findRunningPostgres } from '@liaison/core/postgres';
import pg from 'pg';
import { extensionOf, scratchFolder, seedInstallation } from '../measure/installation.ts';
import { memoryOf, processTree } from '../measure/process-tree.ts';
import { freePort, startServer } from '../measure/server.ts';
import { startRegisterGenerator } from './register-process.ts';
import { startSipp } from './sipp.ts';

const PAIRS = 500;
const HOLD_MS = 1000;
/** More growth than this from the first quarter of the time to its end is a leak until somebody shows otherwise. */
const ALLOWED_GROWTH = 1.15;
const MAX_FAILED = 0.001;
/** An ended call lingers for 2 s, and what is written after it takes its time. */
const SETTLE_MS = 6000;

/**
 * Calls at a rate, each put on hold and taken back: memory, open files (sockets, and so ports) and running calls must be at
 * the end what they were after the first quarter, and every call must be recorded with its end.
 *
 * @returns what went wrong, if anything did.
 */
export async function soakCalls(options: {
  minutes: number;
  perSecond: number;
  say(line: string): void;
}): Promise<string | undefined> {
  const { minutes, perSecond, say } = options;
  const { folder, remove } = await scratchFolder('soak-calls');
  const ends: (() => Promise<void>)[] = [remove];
  try {
    const dataFolder = join(folder, 'data');
    const seeded = await seedInstallation(dataFolder, {
      people: 2 * PAIRS,
      telephones: 2 * PAIRS,
      extensions: true,
    });
    const sipPort = await freePort();
    const server = await startServer({ dataFolder, sipPort });
    ends.push(() => server.stop());
    const calledPort = await freePort();
    const telephones = await startRegisterGenerator(
      seeded.domain,
      seeded.telephones.slice(PAIRS),
      calledPort,
    );
    ends.push(() => telephones.end());
    let registered = 0;
    for (let tries = 0; tries < 5 && registered < PAIRS; tries++)
      registered = (await telephones.all(sipPort, 16)).done;
    await telephones.end();
    if (registered < PAIRS) return `only ${registered} of ${PAIRS} could register`;
    const registeredMs = performance.now();
    const callers = seeded.telephones
      .slice(0, PAIRS)
      .map((telephone, at) => ({ ...telephone, dials: extensionOf(PAIRS + at) }));
    const sipp = await startSipp(folder, calledPort, seeded.domain, callers);
    ends.push(() => sipp.end());

    const look = async () => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      const running = Number(/^liaison_calls_running (\d+)/m.exec(metrics)?.[1] ?? Number.NaN);
      const heapMb = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)?.[1] ?? 0) / 2 ** 20;
      const handles = Number(/^nodejs_active_resources_total (\d+)/m.exec(metrics)?.[1] ?? 0);
      const own = memoryOf(server.pid).filter(({ name }) => !name.includes('postgres'));
      const files = own.reduce((sum, { pid }) => sum + openFiles(pid), 0);
      return {
        running,
        files,
        handles,
        heapMb,
        memoryMb: own.reduce((sum, { pssBytes }) => sum + pssBytes, 0) / 2 ** 20,
      };
    };
    const untilMs = performance.now() + minutes * 60_000;
    // Registrations last 600 s: whoever is called is registered again in good time.
    const cycleSeconds = Math.min(60, (minutes * 60) / 8);
    const samples: Awaited<ReturnType<typeof look>>[] = [];
    let done = 0;
    let failed = 0;
    let lastRegisteredMs = registeredMs;
    let lastTrouble = '';
    while (performance.now() < untilMs) {
      const figures = await sipp.call({
        port: sipPort,
        perSecond,
        calls: Math.round(perSecond * cycleSeconds),
        holdMs: HOLD_MS,
        scenario: 'caller-holds',
      });
      done += figures.done;
      failed += figures.failed;
      if (figures.failed > 0) lastTrouble = figures.trouble;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      const seen = await look();
      samples.push(seen);
      say(
        `${new Date().toISOString()}  ${done} calls, ${failed} failed, ${seen.running} running, ${seen.memoryMb.toFixed(0)} MB (heap ${seen.heapMb.toFixed(0)}), ` +
          `${seen.files} open files, ${seen.handles} handles and timers, ${processTree(server.pid).cpuSeconds.toFixed(0)} CPU-s`,
      );
      if (performance.now() - lastRegisteredMs > 240_000) {
        lastRegisteredMs = performance.now();
        await sipp.restart(async () => {
          const again = await startRegisterGenerator(
            seeded.domain,
            seeded.telephones.slice(PAIRS),
            calledPort,
          );
          await again.all(sipPort, 16);
          await again.end();
        });
      }
    }
    const recorded = await recordedCalls(dataFolder);
    const first = samples[Math.floor(samples.length / 4)]!;
    const last = samples.at(-1)!;
    const growth = last.memoryMb / first.memoryMb;
    say(
      `memory at the end is ${growth.toFixed(2)} times that after the first quarter; open files ${first.files} and ${last.files}; handles and timers ${first.handles} and ${last.handles}`,
    );
    say(
      `${done} calls done, ${failed} failed; ${recorded.ended} recorded with their end, ${recorded.answered} of them answered, ${recorded.open} without`,
    );
    if (failed > MAX_FAILED * (done + failed)) return `${failed} calls failed: ${lastTrouble}`;
    if (growth > ALLOWED_GROWTH) return 'memory grows';
    if (last.running > 0) return `${last.running} calls never ended`;
    if (last.files > first.files + 10) return 'sockets or files stay open';
    if (last.handles > first.handles + 20) return 'handles or timers stay';
    if (recorded.open > 0 || recorded.answered < done) return 'not every call is recorded';
    return undefined;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

async function recordedCalls(dataFolder: string): Promise<{ ended: number; answered: number; open: number }> {
  const found = await findRunningPostgres(dataFolder);
  if (!found) throw new Error('the database does not run');
  const client = new pg.Client({ connectionString: found.url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select count(ended_at)::int as ended, count(answered_at)::int as answered,
         (count(*) filter (where ended_at is null))::int as open from calls.call`,
    );
    return rows[0];
  } finally {
    await client.end();
  }
}
