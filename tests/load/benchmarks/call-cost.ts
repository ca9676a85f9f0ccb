import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryOf, processTree } from '../measure/process-tree.ts';
import { atMost, type Benchmark, median, type Row } from '../measure/report.ts';
import { type CallStage, openCallStage } from '../sip/call-stage.ts';

const PAIRS = 300;
const STEP_SECONDS = 8;
const HOLD_MS = 500;
const RATES = [10, 30, 200];
const counter = new URL('../measure/statement-counter.ts', import.meta.url).href;

/**
 * What a call costs at given rates, by process, and what it asks of the database: processor time is counted per process,
 * so a busy machine blurs it far less than it blurs the highest rate that `sip-call` searches for.
 */
export const callCost: Benchmark = async ({ rounds, say, profileFolder }) => {
  const rows: Row[] = [];
  const stage = await openCallStage('call-cost', {
    pairs: PAIRS,
    say,
    ...(profileFolder === undefined ? {} : { profileFolder }),
  });
  try {
    await step(stage, RATES[0]!);
    for (const rate of RATES) {
      const steps: Awaited<ReturnType<typeof step>>[] = [];
      for (let round = 1; round <= rounds; round++) steps.push(await step(stage, rate));
      const of = (what: keyof (typeof steps)[number]) => median(steps.map((each) => each[what]));
      say(
        `${rate}/s: ${of('all').toFixed(2)} ms a call (server ${of('server').toFixed(2)}, database ${of('database').toFixed(2)}, media ${of('media').toFixed(2)}), ` +
          `99 % answered within ${of('setupP99Ms')} ms, ${of('failed')} failed`,
      );
      rows.push(
        atMost(`${rate}/s: a call`, 'CPU-ms', of('all'), 3),
        atMost(`${rate}/s: server`, 'CPU-ms', of('server')),
        atMost(`${rate}/s: database`, 'CPU-ms', of('database')),
        atMost(`${rate}/s: media`, 'CPU-ms', of('media')),
        atMost(`${rate}/s: 99 % answered within`, 'ms', of('setupP99Ms')),
        atMost(`${rate}/s: failed`, 'calls', of('failed'), 0),
      );
    }
  } finally {
    await stage.end();
  }
  rows.push(...(await countStatements(say)));
  return {
    rows,
    notes: [
      `Calls of ${HOLD_MS} ms, steps of ${STEP_SECONDS} s, median of ${rounds} rounds; the server's idle cost is taken off. Server and PostgreSQL share a core, both SIPps have the other.`,
      'Statements are counted in a run of their own, at 10/s.',
    ],
  };
};

async function step(stage: CallStage, perSecond: number, seconds = STEP_SECONDS) {
  const { pid } = stage.server;
  const stillMs = 2000;
  const atRest = cpuOf(pid);
  await new Promise((resolve) => setTimeout(resolve, stillMs));
  const before = cpuOf(pid);
  const beganMs = performance.now();
  const calls = perSecond * seconds;
  const figures = await stage.sipp.call({ port: stage.sipPort, perSecond, calls, holdMs: HOLD_MS });
  // What is written after a call's end is its price too, and an ended call lingers for 2 s.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const after = cpuOf(pid);
  const tookMs = performance.now() - beganMs;
  const each = (what: keyof typeof after) =>
    (1000 * (after[what] - before[what] - ((before[what] - atRest[what]) * tookMs) / stillMs)) / calls;
  const { failed, setupP99Ms } = figures;
  return {
    all: each('server') + each('database') + each('media'),
    server: each('server'),
    database: each('database'),
    media: each('media'),
    failed,
    setupP99Ms,
  };
}

/** Statements that all calls of a step made, per call, without what the server asks when nobody calls. */
async function countStatements(say: (line: string) => void): Promise<Row[]> {
  const file = join('/tmp', `call-cost-statements-${process.pid}.json`);
  process.env.BENCH_STATEMENTS_FILE = file;
  const stage = await openCallStage('call-cost-statements', {
    pairs: PAIRS,
    say: () => {},
    nodeArguments: ['--import', counter],
  });
  try {
    const counts = async () => {
      await rm(file, { force: true });
      process.kill(stage.server.pid, 'SIGUSR2');
      for (const until = performance.now() + 5000; performance.now() < until; ) {
        const text = await readFile(file, 'utf8').catch(() => '');
        if (text.endsWith(']')) return new Map(JSON.parse(text) as [string, number][]);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error('the server did not tell its statements');
    };
    await stage.sipp.call({ port: stage.sipPort, perSecond: 10, calls: 30, holdMs: HOLD_MS });
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const atRest = await counts();
    const stillMs = 4000;
    await new Promise((resolve) => setTimeout(resolve, stillMs));
    const before = await counts();
    const beganMs = performance.now();
    const calls = 60;
    await stage.sipp.call({ port: stage.sipPort, perSecond: 10, calls, holdMs: HOLD_MS });
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const tookMs = performance.now() - beganMs;
    const after = await counts();
    const per = [...after].map(([text, count]) => {
      const idle = (((before.get(text) ?? 0) - (atRest.get(text) ?? 0)) * tookMs) / stillMs;
      return { text, each: Math.max(0, count - (before.get(text) ?? 0) - idle) / calls };
    });
    per.sort((one, other) => other.each - one.each);
    for (const { text, each } of per) if (each > 0.04) say(`${each.toFixed(2)}  ${text.slice(0, 130)}`);
    const sum = (which: (text: string) => boolean) =>
      per.reduce((total, { text, each }) => total + (which(text) ? each : 0), 0);
    return [
      atMost(
        'statements a call, commits included',
        '',
        sum((text) => !text.startsWith('begin')),
      ),
      atMost(
        'transactions a call that write',
        '',
        sum((text) => text.startsWith('begin read write')),
      ),
      atMost(
        'transactions a call that read',
        '',
        sum((text) => text.startsWith('begin read only')),
      ),
    ];
  } finally {
    await stage.end();
    await rm(file, { force: true });
  }
}

/** Processor seconds of the signalling process, its PostgreSQL and its media processes. */
function cpuOf(pid: number): { server: number; database: number; media: number } {
  const own = (which: number) => {
    const stat = readFileSync(`/proc/${which}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  };
  const server = own(pid);
  const media = memoryOf(pid)
    .filter(({ name, pid: each }) => each !== pid && name.includes('media'))
    .reduce((sum, each) => sum + own(each.pid), 0);
  return { server, media, database: processTree(pid).cpuSeconds - server - media };
}
