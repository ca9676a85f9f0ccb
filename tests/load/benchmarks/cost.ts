import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGenerator } from '../chat/generator-process.ts';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { processTree } from '../measure/process-tree.ts';
import { atMost, type Benchmark, median, type Row } from '../measure/report.ts';
import { startServer } from '../measure/server.ts';

const stepSeconds = 3;
const rates = [20, 100, 200, 400];

/**
 * What a message costs our server at given rates, whatever else the machine does: processor time is counted per
 * process, so a busy machine blurs it far less than it blurs the highest rate that `chat` searches for.
 */
export const cost: Benchmark = async ({ rounds, sizes, say, profileFolder }) => {
  const { folder, remove } = await scratchFolder('cost');
  const ends: (() => Promise<void>)[] = [remove];
  try {
    const dataFolder = join(folder, 'data');
    const seeded = await seedInstallation(dataFolder, { people: Math.max(...sizes), rooms: sizes });
    const server = await startServer({
      dataFolder,
      ...(profileFolder === undefined
        ? {}
        : { nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] }),
    });
    ends.push(() => server.stop());
    const generator = startGenerator();
    ends.push(() => generator.end());
    const rows: Row[] = [];
    for (const [at, size] of sizes.entries()) {
      const room = seeded.rooms[at]!;
      const name = `room of ${size}`;
      await generator.obey({
        do: 'open',
        room: {
          kind: 'liaison',
          name,
          url: server.url,
          conversationId: room.conversationId,
          cookies: room.members.map((member) => member.cookie),
        },
      });
      const step = async (perSecond: number) => {
        const before = cpuOf(server.pid);
        const { step: done } = await generator.obey({
          do: 'step',
          room: name,
          perSecond,
          seconds: stepSeconds,
        });
        if (!done) throw new Error('the generator answered nothing');
        const after = cpuOf(server.pid);
        return {
          ours: (1000 * (after.ours - before.ours)) / done.sent,
          database: (1000 * (after.database - before.database)) / done.sent,
          p99Ms: done.p99Ms,
          generator: (100 * done.generatorCpuSeconds) / done.seconds,
          complete: done.delivered === done.sent * size,
        };
      };
      await step(rates[0]!);
      const before = cpuOf(server.pid);
      await new Promise((resolve) => setTimeout(resolve, stepSeconds * 1000));
      const after = cpuOf(server.pid);
      const still = (100 * (after.ours + after.database - before.ours - before.database)) / stepSeconds;
      say(`${name}, silent: ${still.toFixed(1)} % of a core`);
      rows.push(atMost(`${size}: silent`, '% of a core', still));
      for (const rate of rates) {
        const steps = [];
        for (let round = 1; round <= rounds; round++) steps.push(await step(rate));
        const ours = median(steps.map((each) => each.ours));
        const database = median(steps.map((each) => each.database));
        const p99Ms = median(steps.map((each) => each.p99Ms));
        say(
          `${name}, ${rate}/s: ${(ours + database).toFixed(2)} ms a message (server ${ours.toFixed(2)}, database ${database.toFixed(2)}), ` +
            `p99 ${p99Ms.toFixed(0)} ms, generator ${median(steps.map((each) => each.generator)).toFixed(0)} %${steps.every((each) => each.complete) ? '' : ', not everything came in time'}`,
        );
        rows.push(
          atMost(`${size}: server, ${rate} messages/s`, 'CPU-ms a message', ours),
          atMost(`${size}: database, ${rate} messages/s`, 'CPU-ms a message', database),
          atMost(`${size}: p99, ${rate} messages/s`, 'ms', p99Ms),
        );
      }
      await generator.obey({ do: 'close', room: name });
    }
    return {
      rows,
      notes: [
        `Processor time of the server and of its PostgreSQL per message sent, ${stepSeconds} s a step, median of ${rounds} rounds; rates are given, not searched.`,
      ],
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
};

/** Processor seconds of our own process, and of all it started (PostgreSQL). */
function cpuOf(pid: number): { ours: number; database: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ours = (Number(fields[11]) + Number(fields[12])) / 100;
  return { ours, database: processTree(pid).cpuSeconds - ours };
}
