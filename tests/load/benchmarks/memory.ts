import { join } from 'node:path';
import { openLiaisonRoom } from '../chat/liaison-room.ts';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { memoryOf } from '../measure/process-tree.ts';
import { atMost, type Benchmark, median, type Row } from '../measure/report.ts';
import { freePort, startServer } from '../measure/server.ts';
import { registerTelephones } from '../telephones.ts';

const idleAfterMs = 20_000;
const settledAfterMs = 8_000;
const megabyte = 2 ** 20;

const settle = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const totalOf = (pid: number) => memoryOf(pid).reduce((sum, each) => sum + each.pssBytes, 0);

/** PSS of the whole process tree with PostgreSQL: idle with the demo, per open page, per registered telephone. */
export const memory: Benchmark = async ({ rounds, say }) => {
  const { folder, remove } = await scratchFolder('memory');
  try {
    const idle: number[] = [];
    let parts: Row[] = [];
    const demoFolder = join(folder, 'demo');
    // The first start fills the demo; what is measured is a start later than that.
    await (await startServer({ dataFolder: demoFolder, arguments: ['--demo'], pin: false })).stop();
    for (let round = 1; round <= Math.min(3, rounds); round++) {
      const server = await startServer({ dataFolder: demoFolder, pin: false });
      try {
        await settle(idleAfterMs);
        const processes = memoryOf(server.pid);
        idle.push(processes.reduce((sum, each) => sum + each.pssBytes, 0) / megabyte);
        say(
          `idle with the demo, round ${round}: ${idle.at(-1)!.toFixed(0)} MB in ${processes.length} processes`,
        );
        const own = processes.find((each) => each.pid === server.pid)?.pssBytes ?? 0;
        parts = [
          atMost('of that: the server process', 'MB', own / megabyte),
          atMost('of that: PostgreSQL and helpers', 'MB', idle.at(-1)! - own / megabyte),
          atMost('of that: number of processes', '', processes.length),
        ];
      } finally {
        await server.stop();
      }
    }
    const growth = await growthOf(join(folder, 'load'), say);
    return {
      rows: [atMost('idle with the demo', 'MB', median(idle), 350), ...parts, ...growth],
      notes: [
        `PSS (smaps_rollup) of the server and all its descendants, ${idleAfterMs / 1000} s after it was ready; median of ${idle.length}.`,
        'Per page and per telephone: the growth by 100 of them, divided.',
      ],
    };
  } finally {
    await remove();
  }
};

const many = 100;

async function growthOf(dataFolder: string, say: (line: string) => void): Promise<Row[]> {
  const seeded = await seedInstallation(dataFolder, { people: many, rooms: [many], telephones: many });
  const sipPort = await freePort();
  const server = await startServer({ dataFolder, sipPort, pin: false });
  try {
    // One page and one telephone first: what is loaded for the first of its kind is not the price of each.
    const pagesOf = (people: typeof seeded.people) =>
      openLiaisonRoom({
        url: server.url,
        conversationId: '',
        cookies: people.map((person) => person.cookie),
      });
    const first = await pagesOf(seeded.people.slice(0, 1));
    const firstTelephone = await registerTelephones({
      ...seeded,
      telephones: seeded.telephones.slice(0, 1),
      sipPort,
    });
    await settle(idleAfterMs);
    const empty = totalOf(server.pid);
    const pages = await pagesOf(seeded.people);
    await settle(settledAfterMs);
    const withPages = totalOf(server.pid);
    say(`${many} pages: ${((withPages - empty) / megabyte).toFixed(1)} MB more`);
    const telephones = await registerTelephones({
      ...seeded,
      telephones: seeded.telephones.slice(1),
      sipPort,
    });
    await settle(settledAfterMs);
    const withTelephones = totalOf(server.pid);
    say(`${many - 1} telephones: ${((withTelephones - withPages) / megabyte).toFixed(1)} MB more`);
    first.close();
    pages.close();
    await firstTelephone.stop();
    await telephones.stop();
    return [
      atMost('per open page', 'kB', (withPages - empty) / many / 1024),
      atMost('per registered telephone', 'kB', (withTelephones - withPages) / (many - 1) / 1024),
    ];
  } finally {
    await server.stop();
  }
}
