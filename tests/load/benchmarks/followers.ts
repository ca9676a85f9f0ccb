import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startGenerator } from '../chat/generator-process.ts';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { processTree } from '../measure/process-tree.ts';
import { atMost, type Benchmark, median, type Row } from '../measure/report.ts';
import { repository, startServer } from '../measure/server.ts';

const rates = [20, 100];
const stepSeconds = 3;
const size = 50;

/** What follows a message, left out one after the other. */
const variants = [
  { name: 'with all', without: '' },
  { name: 'without search and the index of numbers', without: 'content' },
  { name: 'without these and news', without: 'content,news' },
] as const;

/**
 * What search, the index of numbers and news take for a message: the same messages to the same room by the same program with and
 * without them. Processor time of server and PostgreSQL, until whoever follows has come to the end.
 */
export const followers: Benchmark = async ({ rounds, say }) => {
  const { folder, remove } = await scratchFolder('followers');
  try {
    const dataFolder = join(folder, 'data');
    const seeded = await seedInstallation(dataFolder, { people: size, rooms: [size] });
    const room = seeded.rooms[0]!;
    const rows: Row[] = [];
    const taken = new Map<string, number[]>();
    // Interleaved, so that what the machine does meanwhile concerns all.
    for (let round = 1; round <= rounds; round += 1) {
      for (const { name, without } of variants) {
        const server = await startServer({
          dataFolder,
          environment: { BENCH_WITHOUT: without },
          nodeArguments: ['--import', pathToFileURL(join(repository, 'tests/load/measure/without.ts')).href],
        });
        const generator = startGenerator();
        try {
          const cookies = room.members.map(({ cookie }) => cookie);
          const { conversationId } = room;
          await generator.obey({
            do: 'open',
            room: { kind: 'liaison', name, url: server.url, conversationId, cookies },
          });
          const cpu = () => processTree(server.pid).cpuSeconds;
          const step = async (perSecond: number): Promise<number> => {
            const before = cpu();
            const answer = await generator.obey({ do: 'step', room: name, perSecond, seconds: stepSeconds });
            if (!answer.step) throw new Error('the generator answered nothing');
            return (1000 * ((await settled(cpu)) - before)) / answer.step.sent;
          };
          await step(rates[0]!);
          for (const rate of rates) {
            const key = `${name}: ${rate} messages/s`;
            taken.set(key, [...(taken.get(key) ?? []), await step(rate)]);
          }
          await generator.obey({ do: 'close', room: name });
        } finally {
          await generator.end();
          await server.stop();
        }
      }
    }
    for (const [key, took] of taken) {
      say(`${key}: ${median(took).toFixed(2)} ms (${took.map((each) => each.toFixed(2)).join(', ')})`);
      rows.push(atMost(key, 'CPU-ms a message', median(took)));
    }
    return {
      rows,
      notes: [
        `A room of ${size} members with open pages, ${stepSeconds} s a step, median of ${rounds} rounds; processor time of server and PostgreSQL until it is quiet.`,
      ],
    };
  } finally {
    await remove();
  }
};

/** Processor seconds once half a second took less than a twelfth of a core, as with a server to which nothing happens. */
async function settled(cpu: () => number): Promise<number> {
  let last = cpu();
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = cpu();
    if (now - last < 0.04) return now;
    last = now;
  }
  return last;
}
