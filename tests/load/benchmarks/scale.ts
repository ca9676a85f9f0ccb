import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerCall, hangUpCall, startCall } from '@liaison/calls';
import { createNatsServer } from '@liaison/core/bus/testing';
import { createLog } from '@liaison/core/log';
import { startEmbeddedPostgres } from '@liaison/core/postgres';
import { openPage, type Page } from '../../testing/page.ts';
import { openLiaisonRoom } from '../chat/liaison-room.ts';
import { extensionOf, type SeededPerson, scratchFolder, seedInstallation } from '../measure/installation.ts';
import { processTree } from '../measure/process-tree.ts';
import { against, atMost, type Benchmark, median, type Row } from '../measure/report.ts';
import {
  endOnSignal,
  environmentOf,
  freePort,
  type RunningServer,
  repository,
  whenReady,
} from '../measure/server.ts';

/** Processes with pages; each comes with so many people more, and so many rooms and calls more. */
const sizes = [1, 2, 4];
const mostProcesses = Math.max(...sizes);
/** Of one room; its pages are spread over all processes. */
const roomSize = 96;
const messagesPerSecond = 20;
/** Of one process; caller and called are at different ones, where there are several. Four times as many leave two cores room. */
const callsPerSecond = 10;
const pairs = 40;
const stepSeconds = 8;
/** More rounds of a step say little more, and the whole stays below six minutes. */
const mostRounds = 3;
/** As a site's own PostgreSQL has; the embedded one is for one process. */
const connections = '200';
/** A process that has just started is still compiling. */
const settleMs = 5000;

interface Step {
  readonly perCpuSecond: number;
  readonly complete: boolean;
}

/**
 * What several processes of a duty pay for being several: the load grows with their number, and so should what a second of
 * their processor time yields stay. Rooms lie across all of them, and each call joins two of them. The processor time of
 * the other duties and of the database is told beside it.
 */
export const scale: Benchmark = async ({ rounds, say }) => {
  const { folder, remove } = await scratchFolder('scale');
  const ends: (() => Promise<unknown>)[] = [remove];
  const rows: Row[] = [];
  try {
    const keyHolder = join(folder, 'data');
    const roomSizes = Array.from({ length: mostProcesses }, () => roomSize);
    const people = mostProcesses * roomSize;
    const seeded = await seedInstallation(keyHolder, {
      people,
      rooms: roomSizes,
      apart: true,
      extensions: true,
    });
    const postgres = await startEmbeddedPostgres({
      dataFolder: keyHolder,
      log: createLog({ level: 'error' }),
      serverSettings: { max_connections: connections },
    });
    ends.push(() => postgres.stop());
    const nats = await createNatsServer();
    await nats.start();
    ends.push(() => nats.kill());
    const blobs = join(folder, 'blobs');
    await mkdir(blobs);
    const environment = {
      DATABASE_URL: postgres.url,
      NATS_URL: `nats://127.0.0.1:${nats.port}`,
      BLOBS_URL: `file:${blobs}`,
    };
    const startProcess = async (name: string, duties: string): Promise<RunningServer> => {
      const dataFolder = join(folder, name);
      await cp(join(keyHolder, 'keys'), join(dataFolder, 'keys'), { recursive: true });
      const port = await freePort();
      const child: ChildProcess = spawn(process.execPath, ['apps/server/main.ts'], {
        cwd: repository,
        env: { ...process.env, ...environmentOf(dataFolder, port), ...environment, LIAISON_DUTIES: duties },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      endOnSignal(child);
      const server = await whenReady(child, `http://localhost:${port}`, performance.now());
      ends.push(() => server.stop());
      return server;
    };
    await startProcess('work', 'worker,sip,media');
    const servers: RunningServer[] = [];
    const base = { chat: 0, calls: 0 };
    for (const size of sizes) {
      while (servers.length < size) servers.push(await startProcess(`pages-${servers.length}`, 'api,live'));
      await sleep(settleMs);
      const measured = async (work: () => Promise<{ done: number; complete: boolean }>): Promise<Step> => {
        const cpu = () => servers.reduce((sum, { pid }) => sum + processTree(pid).cpuSeconds, 0);
        const before = cpu();
        const { done, complete } = await work();
        return { perCpuSecond: done / (cpu() - before), complete };
      };
      for (const [what, unit, work] of [
        ['chat', 'deliveries', () => deliver(servers, seeded.rooms.slice(0, size))],
        ['calls', 'calls', () => call(servers, seeded.people.slice(0, size * roomSize))],
      ] as const) {
        await work(); // Warm: compiled, prepared, connected.
        const steps: Step[] = [];
        for (let round = 1; round <= Math.min(rounds, mostRounds); round++) steps.push(await measured(work));
        const figure = median(steps.map(({ perCpuSecond }) => perCpuSecond));
        base[what] ||= figure;
        const complete = steps.every((step) => step.complete);
        say(
          `${size} processes, ${unit}: ${figure.toFixed(0)} per CPU-second${complete ? '' : ', not all came in time'}`,
        );
        const metric = `${size} ${size === 1 ? 'process' : 'processes'}: ${unit}`;
        rows.push(
          size === 1
            ? atMost(metric, 'per CPU-second', figure)
            : against(metric, 'per CPU-second', figure, base[what], { better: 'more', times: 0.85 }),
        );
      }
    }
    return {
      rows,
      notes: [
        `Processor time of the processes with \`api,live\`; the peer is one process. For each process a room of ${roomSize} pages, spread over all, with ${messagesPerSecond} messages/s, then ${callsPerSecond} calls/s between pages; ${stepSeconds} s a step after a first one to warm up, idle cost included, median of ${Math.min(rounds, mostRounds)} rounds.`,
      ],
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
};

/** Sends messages to each room from pages of all processes, and counts what comes to pages. */
async function deliver(
  servers: readonly RunningServer[],
  rooms: readonly { conversationId: string; members: readonly SeededPerson[] }[],
): Promise<{ done: number; complete: boolean }> {
  const parts = await Promise.all(
    rooms.map(({ conversationId, members }) =>
      Promise.all(
        servers.map(({ url }, at) =>
          openLiaisonRoom({
            url,
            conversationId,
            cookies: members
              .filter((_, member) => member % servers.length === at)
              .map(({ cookie }) => cookie),
          }),
        ),
      ),
    ),
  );
  let done = 0;
  for (const part of parts.flat()) part.onReceived(() => void done++);
  const messages = messagesPerSecond * stepSeconds;
  let number = 0;
  const sending: Promise<void>[] = [];
  for (let sent = 0; sent < messages; sent++) {
    for (const room of parts) {
      const part = room[sent % room.length]!;
      sending.push(part.send(sent % part.size, ++number));
    }
    await sleep(1000 / messagesPerSecond);
  }
  await Promise.all(sending);
  const wanted = messages * rooms.length * roomSize;
  for (const until = performance.now() + 3000; done < wanted && performance.now() < until; ) await sleep(10);
  for (const part of parts.flat()) part.close();
  return { done, complete: done === wanted };
}

/** Calls between pages of different processes: rung, answered, hung up. */
async function call(
  servers: readonly RunningServer[],
  people: readonly SeededPerson[],
): Promise<{ done: number; complete: boolean }> {
  const used = Math.min(pairs * servers.length, Math.floor(people.length / 2));
  const at = (index: number) => servers[index % servers.length]!.url;
  const pages: { caller: Page; called: Page; extension: string }[] = [];
  for (let pair = 0; pair < used; pair++) {
    const [caller, called] = await Promise.all([
      openPage(at(pair), people[2 * pair]!.cookie),
      openPage(at(pair + 1), people[2 * pair + 1]!.cookie),
    ]);
    pages.push({ caller, called, extension: extensionOf(2 * pair + 1) });
  }
  let done = 0;
  const wanted = callsPerSecond * servers.length * stepSeconds;
  const calling: Promise<void>[] = [];
  for (let begun = 0; begun < wanted; begun++) {
    const { caller, called, extension } = pages[begun % pages.length]!;
    calling.push(
      (async () => {
        const { call: started } = await caller.command(startCall, { to: extension });
        await called.until(() => called.call(started.id)?.state === 'ringing', 'ringing');
        await called.command(answerCall, { callId: started.id });
        await caller.until(() => caller.call(started.id)?.state === 'connected', 'connected');
        done += 1;
        await caller.command(hangUpCall, { callId: started.id });
      })().catch(() => {}),
    );
    await sleep(1000 / (callsPerSecond * servers.length));
  }
  await Promise.all(calling);
  // What is written after a call's end is its price too, and an ended call lingers for 2 s.
  await sleep(2500);
  for (const { caller, called } of pages) {
    caller.close();
    called.close();
  }
  return { done, complete: done === wanted };
}
