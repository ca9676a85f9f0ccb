import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { scratchFolder } from '../measure/installation.ts';
import { atMost, type Benchmark, median } from '../measure/report.ts';
import {
  endOnSignal,
  environmentOf,
  freePort,
  repository,
  startServer,
  whenReady,
} from '../measure/server.ts';

/** Clone to ready, its parts, and the second start. */
export const start: Benchmark = async ({ rounds, say }) => {
  const { folder, remove } = await scratchFolder('start');
  try {
    const dataFolder = join(folder, 'data');
    say('first start on an empty data folder');
    const first = await startServer({ dataFolder, pin: false });
    await first.stop();
    const seconds: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const again = await startServer({ dataFolder, pin: false });
      seconds.push(again.readyMs / 1000);
      say(`second start, round ${round}: ${seconds.at(-1)!.toFixed(2)} s`);
      await again.stop();
    }
    const clone = await cloneToReady(folder, say);
    return {
      rows: [
        atMost('second start to ready', 's', median(seconds), 3),
        atMost('first start on an empty data folder', 's', first.readyMs / 1000),
        atMost('clone to ready', 's', clone.total),
        atMost('of that: git clone', 's', clone.clone),
        atMost('of that: locked dependencies (depends on the network)', 's', clone.install),
        atMost('of that: web built', 's', clone.web),
        atMost('of that: first start', 's', clone.first),
      ],
      notes: [
        `second start: median of ${rounds}, not pinned, processes included from spawn to /readyz`,
        'clone to ready: `git clone` of this checkout, then `npm start` in it; what npm keeps in its own cache is not fetched again',
      ],
    };
  } finally {
    await remove();
  }
};

/** The lines of `tools/launch` by which the parts of a first start are told apart. */
const launcherSays = [
  ['installing', /^Installing the locked dependencies/],
  ['installed', /^Dependencies installed/],
  ['building', /^Building the pages/],
  ['built', /^Pages built/],
] as const;

async function cloneToReady(folder: string, say: (line: string) => void) {
  const checkout = join(folder, 'checkout');
  const begun = performance.now();
  const git = spawn('git', ['clone', '--quiet', '--no-hardlinks', repository, checkout], {
    stdio: 'inherit',
  });
  const [status] = await once(git, 'exit');
  if (status !== 0) throw new Error('git clone failed');
  const cloned = performance.now();
  say('npm start in the clone');
  const port = await freePort();
  // A session of its own: npm, the launcher and the server are ended together, and nothing else.
  const child = spawn('npm', ['start'], {
    cwd: checkout,
    detached: true,
    env: { ...process.env, ...environmentOf(join(folder, 'clone-data'), port), LIAISON_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endOnSignal(child, () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  });
  // The launcher tells on its standard error what it does and when it is done, a line each.
  const steps = new Map<string, number>();
  const told = (line: string): void => {
    const text = line.replace(/^liaison: /, '').trim();
    if (text === '') return;
    for (const [step, says] of launcherSays) if (says.test(text)) steps.set(step, performance.now());
    say(`    ${text.slice(0, 100)}`);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', told);
  try {
    const ready = await whenReady(child, `http://localhost:${port}`, begun, 600_000);
    const at = (step: string): number => {
      const ms = steps.get(step);
      if (ms === undefined) throw new Error(`the launcher never said "${step}": ${ready.output()}`);
      return ms;
    };
    return {
      total: ready.readyMs / 1000,
      clone: (cloned - begun) / 1000,
      install: (at('installed') - at('installing')) / 1000,
      web: (at('built') - at('building')) / 1000,
      first: (begun + ready.readyMs - at('built')) / 1000,
    };
  } finally {
    if (child.exitCode === null && child.pid !== undefined) {
      const ended = once(child, 'exit');
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    }
  }
}
