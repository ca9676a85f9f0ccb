// npm run soak -- site [--only STEP,…] [--minutes N] [--sources FOLDER]: a site on three Docker engines of this machine, and what
// happens when things break. Ends by itself within twenty-five minutes unless a busy machine is given more.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { whyNoDocker } from '../../testing/docker-lab.ts';
import { whyNoNeighbours } from '../../testing/docker-neighbours.ts';
import { atMost, machine, type Outcome, type Row, table, writeReport } from '../measure/report.ts';
import { failoverPlanned, failoverUnplanned, standbyAway } from './failover.ts';
import { containerKilled, leaderLost, natsCut, nodeHalfDead, nodeLost, postgresCut } from './faults.ts';
import { diskFull } from './full-disk.ts';
import { restored } from './restored.ts';
import { restoredHere } from './restored-here.ts';
import { openStage, type Stage, type Step } from './stage.ts';
import { brokenUpdate, rollingUpdate, scaled, updatePlanned } from './updates.ts';

const page = fileURLToPath(new URL('../../../docs/operations/site-lab.md', import.meta.url));
const formatter = fileURLToPath(new URL('../../../node_modules/.bin/biome', import.meta.url));

/** In this order; each leaves the site whole, for up to so many seconds. */
const steps: Readonly<Record<string, { step: Step; within: number }>> = {
  'container-killed': { step: containerKilled, within: 180 },
  scaled: { step: scaled, within: 240 },
  'update-planned': { step: updatePlanned, within: 60 },
  'rolling-update': { step: rollingUpdate, within: 600 },
  'nats-cut': { step: natsCut, within: 180 },
  'postgres-cut': { step: postgresCut, within: 240 },
  'node-lost': { step: nodeLost, within: 300 },
  'leader-lost': { step: leaderLost, within: 300 },
  'node-half-dead': { step: nodeHalfDead, within: 300 },
  'failover-planned': { step: failoverPlanned, within: 240 },
  'failover-unplanned': { step: failoverUnplanned, within: 420 },
  'standby-away': { step: standbyAway, within: 240 },
  'disk-full': { step: diskFull, within: 300 },
  restored: { step: restored, within: 360 },
  'restored-here': { step: restoredHere, within: 420 },
  'broken-update': { step: brokenUpdate, within: 420 },
};
const minutesOfAll = 25;
/** For the end of it: what was acknowledged is looked for, and everything is taken down. */
const secondsOfEnd = 60;

const usage = `npm run soak -- site [--only ${Object.keys(steps).join(',')}] [--minutes 5..240] [--sources FOLDER]\n`;

/** Answers the exit status. */
export async function soakSite(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      minutes: { type: 'string', default: String(minutesOfAll) },
      sources: { type: 'string' },
    },
  });
  const minutes = Number(values.minutes);
  const chosen = values.only?.split(',') ?? Object.keys(steps);
  if (chosen.some((name) => steps[name] === undefined) || !(minutes >= 5 && minutes <= 240)) {
    process.stderr.write(usage);
    return 2;
  }
  const missing = (await whyNoDocker()) ?? (await whyNoNeighbours());
  if (missing !== undefined) {
    process.stderr.write(`FAILED: ${missing}\n`);
    return 1;
  }
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const say = (line: string) => void process.stdout.write(`${seconds().toFixed(0).padStart(6)} s  ${line}\n`);
  const rows: Row[] = [];
  const faults: string[] = [];
  const loadBefore = loadavg()[0] ?? 0;
  // Whatever it hangs on: what was opened ends with this process, and its names are swept by the next run.
  const hanging = setTimeout(
    () => {
      process.stderr.write(`FAILED: it did not end within ${minutes} minutes\n`);
      process.exit(1);
    },
    (minutes * 60 + secondsOfEnd) * 1000,
  );
  const stage = await openStage({
    say,
    ...(values.sources === undefined ? {} : { sources: values.sources }),
  });
  const end = endsWithSignals(stage);
  try {
    rows.push(
      atMost(
        'a new site on prepared machines: every service healthy',
        's',
        stage.site.deployedInSeconds,
        600,
      ),
    );
    for (const name of chosen) {
      const { step, within } = steps[name] ?? { step: containerKilled, within: 0 };
      // What is not begun by then is not done, and said.
      const left = minutes * 60 - secondsOfEnd - seconds();
      say(`${name} (load ${loadavg()[0]?.toFixed(1)})`);
      if (left < 30) faults.push(`${name}: there was no time left for it`);
      else
        await tried(() => step(stage), Math.min((within * minutes) / minutesOfAll, left), name, {
          rows,
          faults,
          say,
          stage,
        });
    }
    rows.push(...(await kept(stage, say)));
  } catch (error) {
    faults.push((error as Error).message);
  } finally {
    end();
    await stage.close();
    clearTimeout(hanging);
  }
  for (const fault of faults) process.stderr.write(`FAILED: ${fault}\n`);
  const outcome: Outcome = {
    rows,
    notes: [
      'Three engines (Debian docker.io) in network namespaces of one machine, one swarm; the stack as `site render` writes it: front 3, back 2, a worker that keeps backups, PostgreSQL with a copy, NATS 3, Caddy 3, coturn.',
      'The load of everything, the engines and who asks too, is on the cores of this one machine. N-1 and N are the same sources under two version numbers.',
      `Load average of the machine: ${loadBefore.toFixed(1)} before, ${loadavg()[0]?.toFixed(1)} at the end; the whole run took ${(seconds() / 60).toFixed(1)} minutes.`,
      ...faults.map((fault) => `Not measured: ${fault.replaceAll('\n', ' ').slice(0, 300)}`),
    ],
  };
  const file = await writeReport('site-lab', outcome);
  process.stdout.write(`\n${table(rows)}\n\n`);
  // A part of it is no account of the whole.
  if (values.only === undefined) {
    await writeFile(page, await pageOf(outcome));
    await promisify(execFile)(formatter, ['format', '--write', page]);
  }
  process.stdout.write(`Written to ${file}${values.only === undefined ? ` and ${page}` : ''}\n`);
  return rows.every(({ met }) => met !== false) && faults.length === 0 ? 0 : 1;
}

/** One step, for so many seconds at most; the next one finds a whole site, as far as that can be had. */
async function tried(
  act: () => Promise<readonly Row[]>,
  within: number,
  name: string,
  { rows, faults, say, stage }: { rows: Row[]; faults: string[]; say: (line: string) => void; stage: Stage },
): Promise<void> {
  const late = new AbortController();
  try {
    const rest = sleep(within * 1000, undefined, { signal: late.signal }).then(() => {
      throw new Error(`not done within ${within.toFixed(0)} s`);
    });
    rows.push(...(await Promise.race([act(), rest])));
  } catch (error) {
    const what = `${name}: ${(error as Error).message}`;
    say(what);
    faults.push(what);
    try {
      await stage.site.regainAll();
      await stage.site.whole(90_000);
    } catch (reason) {
      say((reason as Error).message);
    }
  } finally {
    late.abort();
  }
}

/** Whether everything that was acknowledged is there. */
async function kept({ stream, edges, pages }: Stage, say: (line: string) => void): Promise<Row[]> {
  for (const edge of edges) {
    try {
      const { acknowledged, lost, doubled, untold, toldAgain } = await stream.check(edge, pages);
      say(`of ${acknowledged} acknowledged messages ${lost} are lost, ${doubled} doubled`);
      return [
        atMost(`acknowledged messages that are lost, of ${acknowledged}`, '', lost, 0),
        atMost('acknowledged messages that are there twice', '', doubled, 0),
        atMost('messages that a page was not told of', '', untold, 0),
        atMost('messages that a page was told of twice', '', toldAgain, 0),
      ];
    } catch (error) {
      say((error as Error).message);
    }
  }
  throw new Error('no edge answers what was said');
}

/** Whoever ends the run has its engines and networks ended with it. Answers how to stop listening. */
function endsWithSignals(stage: Stage): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const end = () => {
    process.stdout.write('ending …\n');
    stage.close().finally(() => process.exit(130));
  };
  for (const signal of signals) process.once(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}

/** The page that operators read; nobody writes in it. */
async function pageOf({ rows, notes }: Outcome): Promise<string> {
  const shown = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(1));
  const verdict = (met: boolean | null) => (met === null ? '' : met ? 'met' : 'missed');
  return [
    '# A site that is broken on purpose',
    '',
    'Written by `npm run soak -- site`; nobody writes here by hand.',
    '',
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${await machine()}.`,
    '',
    '| what | measured | goal | |',
    '| --- | ---: | ---: | --- |',
    ...rows.map(
      ({ metric, unit, ours, goal, met }) =>
        `| ${metric} | ${shown(ours)}${unit === '' ? '' : ` ${unit}`} | ${goal ?? ''} | ${verdict(met)} |`,
    ),
    '',
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}
