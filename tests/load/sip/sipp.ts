import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processTree } from '../measure/process-tree.ts';
import { endOnSignal, freePort, generatorCore, pinned } from '../measure/server.ts';

const SIPP = '/usr/bin/sipp';

export function isSippInstalled(): boolean {
  try {
    accessSync(SIPP, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Caller {
  readonly username: string;
  readonly secret: string;
  readonly dials: string;
}

export interface CallFigures {
  begun: number;
  done: number;
  failed: number;
  /** From the first begun to the last ended, in seconds. */
  seconds: number;
  /** From INVITE to 200, in milliseconds, as sipp's buckets tell: an upper bound. */
  setupP99Ms: number;
  /** The share of a core that both sipps took. */
  busy: number;
  /** What went wrong first, in sipp's words. */
  trouble: string;
}

export interface Sipp {
  /** Where all called telephones are. */
  readonly calledPort: number;
  /** Calls at a rate, each held for so long; resolves when the last has ended or was given up. */
  call(order: {
    port: number;
    perSecond: number;
    calls: number;
    /** Between what the caller does. */
    holdMs: number;
    scenario?: 'caller' | 'caller-holds';
  }): Promise<CallFigures>;
  /** Lets go of the called telephones' port while something else uses it. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  end(): Promise<void>;
}

/** Both ends of calls on the generator's core: one sipp is called, another calls. */
export async function startSipp(
  folder: string,
  calledPort: number,
  domain: string,
  callers: readonly Caller[],
): Promise<Sipp> {
  const csv = join(folder, 'callers.csv');
  const lines = callers.map(
    ({ username, secret, dials }) =>
      `${username};[authentication username=${username} password=${secret}];${dials};${domain}`,
  );
  await writeFile(csv, `SEQUENTIAL\n${lines.join('\n')}\n`);
  const scenario = (name: string) => fileURLToPath(new URL(`./scenarios/${name}.xml`, import.meta.url));
  const common = ['-i', '127.0.0.1', '-nostdin', '-nd', '-default_behaviors', 'all,-bye'];

  function run(name: string, args: readonly string[]): ChildProcess {
    const [program, all] = pinned(generatorCore, SIPP, [...args, ...common]);
    const child = spawn(program, all, { cwd: folder, stdio: 'ignore' });
    endOnSignal(child);
    child.once('error', (error) => process.stderr.write(`${name}: ${error.message}\n`));
    return child;
  }

  const openCalled = async () =>
    run('called', [
      ...[
        '-sf',
        scenario('called'),
        '-p',
        String(calledPort),
        '-l',
        '20000',
        '-mp',
        String((await freePort()) & ~1),
      ],
      ...['-trace_err', '-error_file', join(folder, 'called.err')],
    ]);
  let called = await openCalled();
  let series = 0;
  return {
    calledPort,
    async call({ port, perSecond, calls, holdMs, scenario: which = 'caller' }) {
      series += 1;
      const file = (ending: string) => join(folder, `caller-${series}.${ending}`);
      const text = await readFile(scenario(which), 'utf8');
      await writeFile(file('xml'), text.replaceAll('HOLD', String(holdMs)));
      const calledBefore = processTree(called.pid ?? 0).cpuSeconds;
      const began = performance.now();
      const child = run('caller', [
        `127.0.0.1:${port}`,
        ...[
          '-sf',
          file('xml'),
          '-inf',
          csv,
          '-p',
          String(await freePort()),
          '-mp',
          String((await freePort()) & ~1),
        ],
        ...['-r', String(perSecond), '-m', String(calls), '-l', String(Math.max(calls, 1000))],
        ...[
          '-recv_timeout',
          '10000',
          '-timeout',
          String(Math.ceil(calls / perSecond + (3 * holdMs) / 1000 + 15)),
        ],
        ...['-trace_stat', '-stf', file('csv'), '-fd', '1'],
        ...['-trace_err', '-error_file', file('err')],
      ]);
      let cpu = 0;
      const watch = setInterval(() => {
        cpu = Math.max(cpu, processTree(child.pid ?? 0).cpuSeconds);
      }, 100);
      await once(child, 'exit');
      clearInterval(watch);
      const seconds = (performance.now() - began) / 1000;
      const used = cpu + processTree(called.pid ?? 0).cpuSeconds - calledBefore;
      const stat = await readFile(file('csv'), 'utf8');
      const rows = stat.trim().split('\n');
      const names = rows[0]!.split(';');
      const last = rows.at(-1)!.split(';');
      const value = (name: string) => Number(last[names.indexOf(name)] ?? Number.NaN);
      const done = value('SuccessfulCall(C)');
      const errors = await readFile(file('err'), 'utf8').catch(() => '');
      // An answer that was sent twice finds its call ended: no trouble.
      const trouble =
        errors.split(/\n(?=\d{4}-\d\d-\d\d\t)/).find((each) => !each.includes('Dead call')) ?? '';
      return {
        begun: value('TotalCallCreated'),
        done,
        failed: value('FailedCall(C)') + Math.max(0, calls - value('TotalCallCreated')),
        seconds,
        setupP99Ms: bucketOf(names, last, 0.99),
        busy: used / seconds,
        trouble: trouble.split('\n').slice(0, 3).join(' ').slice(0, 300),
      };
    },
    async restart(meanwhile) {
      await close();
      await meanwhile();
      called = await openCalled();
    },
    end: () => close(),
  };

  async function close(): Promise<void> {
    if (called.exitCode !== null || called.signalCode !== null) return;
    const exited = once(called, 'exit');
    called.kill('SIGKILL');
    await exited;
  }
}

/** The upper end of the bucket below which a share of the answers came. */
function bucketOf(names: readonly string[], values: readonly string[], share: number): number {
  const counts = names.flatMap((name, at) => {
    const bound = /^ResponseTimeRepartition1_<(\d+)$/.exec(name)?.[1];
    const beyond = /^ResponseTimeRepartition1_>=?(\d+)$/.exec(name)?.[1];
    if (bound === undefined && beyond === undefined) return [];
    return [
      { bound: bound === undefined ? Number.POSITIVE_INFINITY : Number(bound), count: Number(values[at]) },
    ];
  });
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  let below = 0;
  for (const { bound, count } of counts) {
    below += count;
    if (below >= share * total) return bound;
  }
  return Number.NaN;
}
