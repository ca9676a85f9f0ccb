import { join } from 'node:path';
import { type Generator, startGenerator } from '../chat/generator-process.ts';
import { prosodyStorage, startProsody } from '../chat/prosody.ts';
import type { Step } from '../chat/room.ts';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { processTree } from '../measure/process-tree.ts';
import { against, atMost, type Benchmark, median, type Row } from '../measure/report.ts';
import { startServer } from '../measure/server.ts';

const p99LimitMs = 200;
const stepSeconds = 2;
const generatorLimit = 0.7;

/** The best step of one search: the highest rate whose p99 stayed below the limit. */
interface Best extends Step {
  readonly perSecond: number;
  readonly serverCpuSeconds: number;
}

interface Side {
  readonly name: string;
  readonly pid: number;
  /** Where the next search begins, in messages per second. */
  from: number;
  readonly best: Best[];
  busiestGenerator: number;
}

export const chat: Benchmark = async ({ rounds, sizes, say, profileFolder }) => {
  const { folder, remove } = await scratchFolder('chat');
  const ends: (() => Promise<void>)[] = [remove];
  try {
    say(`seeding ${Math.max(...sizes)} people`);
    const dataFolder = join(folder, 'data');
    const seeded = await seedInstallation(dataFolder, { people: Math.max(...sizes), rooms: sizes });
    const server = await startServer({
      dataFolder,
      ...(profileFolder === undefined
        ? {}
        : { nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] }),
    });
    ends.push(() => server.stop());
    say(`our server is ready after ${server.readyMs.toFixed(0)} ms`);
    const prosody = await startProsody(join(folder, 'prosody'));
    ends.push(() => prosody.stop());
    const generator = startGenerator();
    ends.push(() => generator.end());

    const rows: Row[] = [];
    let busiest = 0;
    for (const [at, size] of sizes.entries()) {
      say(`room of ${size}: everybody comes in`);
      const room = seeded.rooms[at]!;
      const ours = `ours ${size}`;
      const theirs = `prosody ${size}`;
      await generator.obey({
        do: 'open',
        room: {
          kind: 'liaison',
          name: ours,
          url: server.url,
          conversationId: room.conversationId,
          cookies: room.members.map((member) => member.cookie),
        },
      });
      say('ours is full');
      await generator.obey({
        do: 'open',
        room: { kind: 'xmpp', name: theirs, port: prosody.port, room: `room${size}`, size },
      });
      say('prosody is full');
      const start = Math.max(2, 4000 / size);
      const sides: Side[] = [
        { name: ours, pid: server.pid, from: start, best: [], busiestGenerator: 0 },
        { name: theirs, pid: prosody.pid, from: start, best: [], busiestGenerator: 0 },
      ];
      for (const side of sides) await untilQuiet(side.pid);
      for (let round = 1; round <= rounds; round++) {
        for (const side of sides) {
          const best = await search(generator, side, round === 1);
          side.best.push(best);
          side.from = best.perSecond;
          say(
            `round ${round}, ${side.name}: ${best.perSecond.toFixed(1)} messages/s, ${(best.delivered / best.seconds).toFixed(0)} deliveries/s, ` +
              `p50 ${best.p50Ms.toFixed(0)} ms, p99 ${best.p99Ms.toFixed(0)} ms, server ${best.serverCpuSeconds.toFixed(2)} CPU-s, ` +
              `generator ${((100 * best.generatorCpuSeconds) / best.seconds).toFixed(0)} %`,
          );
        }
      }
      for (const side of sides) {
        await generator.obey({ do: 'close', room: side.name });
        busiest = Math.max(busiest, side.busiestGenerator);
      }
      rows.push(...rowsOf(size, sides[0]!.best, sides[1]!.best));
    }
    return {
      rows: [...rows, atMost('busiest generator', '% of its core', busiest * 100, generatorLimit * 100)],
      notes: [
        `Highest rate with p99 delivery (sent to received, every member) below ${p99LimitMs} ms; ${stepSeconds} s a step, median of ${rounds} interleaved rounds.`,
        `Server on one core, generator on the other, no TLS. Ours: committed in PostgreSQL (fsync) before the answer. Prosody ${prosody.version}, ${prosodyStorage}; presence broadcast off.`,
      ],
      ...(busiest > generatorLimit ? { void: 'the generator was the limit' } : {}),
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
};

function rowsOf(size: number, ours: readonly Best[], theirs: readonly Best[]): Row[] {
  const of = (best: readonly Best[], value: (each: Best) => number) => median(best.map(value));
  const row = (
    metric: string,
    unit: string,
    value: (each: Best) => number,
    how: { better: 'more' | 'less'; times?: number },
  ) => against(`${size}: ${metric}`, unit, of(ours, value), of(theirs, value), how);
  return [
    row('messages', '/s', (best) => best.perSecond, { better: 'more' }),
    row('deliveries', '/s', (best) => best.delivered / best.seconds, { better: 'more', times: 2 }),
    row('deliveries per server CPU-second', '', (best) => best.delivered / best.serverCpuSeconds, {
      better: 'more',
      times: 2,
    }),
    row('p50 at that rate', 'ms', (best) => best.p50Ms, { better: 'less' }),
    row('p99 at that rate', 'ms', (best) => best.p99Ms, { better: 'less' }),
    row('server CPU at that rate', '% of a core', (best) => (100 * best.serverCpuSeconds) / best.seconds, {
      better: 'less',
    }),
  ];
}

/** The first search climbs far, later ones look around what was found before. */
async function search(generator: Generator, side: Side, first: boolean): Promise<Best> {
  const attempt = async (perSecond: number): Promise<Best> => {
    const before = processTree(side.pid).cpuSeconds;
    const answer = await generator.obey({ do: 'step', room: side.name, perSecond, seconds: stepSeconds });
    if (!answer.step) throw new Error('the generator answered nothing');
    const { step } = answer;
    side.busiestGenerator = Math.max(
      side.busiestGenerator,
      passes(step) ? step.generatorCpuSeconds / step.seconds : 0,
    );
    const best = { ...step, perSecond, serverCpuSeconds: processTree(side.pid).cpuSeconds - before };
    // Whatever was too much is worked off before the next step begins.
    if (!passes(step)) await untilQuiet(side.pid);
    return best;
  };
  let rate = side.from;
  let best = await attempt(rate);
  // Even the beginning was too much: half of it, until it holds.
  while (!passes(best) && rate > 0.5) {
    rate /= first ? 2 : 1.3;
    best = await attempt(rate);
  }
  let factor = first ? 2 : 1.2;
  while (factor > (first ? 1.1 : 1.19)) {
    const next = await attempt(best.perSecond * factor);
    if (passes(next)) best = next;
    else factor = Math.sqrt(factor);
  }
  return best;
}

const passes = (step: Step): boolean =>
  step.p99Ms < p99LimitMs && step.acknowledged === step.sent && step.delivered >= step.sent;

/** Waits until a server has nothing left to do: under a tenth of a core over half a second. */
async function untilQuiet(pid: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const before = processTree(pid).cpuSeconds;
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (processTree(pid).cpuSeconds - before < 0.05 || Date.now() > deadline) return;
  }
}
