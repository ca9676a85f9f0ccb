import { networkInterfaces } from 'node:os';
import { type Command, type CommandContext, UsageError } from '@liaison/core/cli';
import { type Settings, StartError } from '@liaison/core/config';
import type { Finding, Said, Step } from '@liaison/core/doctor';

interface Asked {
  readonly json: boolean;
  readonly host: string | null;
  readonly timeServer: string | null;
  readonly without: readonly string[];
}

const usage = 'doctor [--json] [--host ADDRESS] [--ntp SERVER] [--without STEP,…]';

function readArguments(args: readonly string[]): Asked {
  let asked: Asked = { json: false, host: null, timeServer: null, without: [] };
  for (let at = 0; at < args.length; at++) {
    const name = args[at];
    if (name === '--json') {
      asked = { ...asked, json: true };
      continue;
    }
    at += 1;
    const value = args[at];
    if (value === undefined || value === '') throw new UsageError(`${name} needs a value`);
    if (name === '--host') asked = { ...asked, host: value };
    else if (name === '--ntp') asked = { ...asked, timeServer: value };
    else if (name === '--without') asked = { ...asked, without: value.split(',') };
    else throw new UsageError(`${name} is not an option`);
  }
  return asked;
}

/** Where the doors of this machine are: the address that is bound, or of all of them one that others are told. */
function hostOf({ bind, advertise }: Settings): string {
  if (bind !== '0.0.0.0' && bind !== '::') return bind;
  const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  return advertise.find((address) => own.includes(address)) ?? '127.0.0.1';
}

const sign = { good: 'ok', warning: '!!', failed: 'XX' } as const;

/** One line for people: `ok  certificate  the certificate at the HTTPS port 8443 holds for 178 days more`, and what mends it. */
const lineOf = ({ outcome, step, what, mend }: Finding): string =>
  `${sign[outcome]}  ${step.padEnd(12)} ${what}${mend ? `\n${' '.repeat(17)}→ ${mend}` : ''}`;

interface CallFinding extends Pick<Said, 'outcome' | 'what' | 'mend'> {
  readonly step: string;
  readonly transport: string | null;
  readonly ms: number;
}

/** Where all is well over a transport, that is one line; otherwise what is not, each for itself. */
function byTransport(findings: readonly CallFinding[]): Said[] {
  const said: Said[] = [];
  for (const transport of new Set(findings.map((each) => each.transport))) {
    const own = findings.filter((each) => each.transport === transport);
    const bad = own.filter(({ outcome }) => outcome !== 'good');
    const name = transport?.toUpperCase() ?? '';
    if (transport !== null && bad.length === 0) {
      const ms = own.reduce((sum, each) => sum + each.ms, 0);
      said.push({
        outcome: 'good',
        what: `over ${name} a telephone is called and heard (${own.map(({ step }) => step).join(', ')}; ${ms} ms)`,
        figure: { value: ms, unit: 'ms' },
      });
      continue;
    }
    for (const { step, outcome, what, mend } of transport === null ? own : bad)
      said.push({
        outcome,
        what: `${name ? `over ${name}, ` : ''}${step}: ${what}`,
        ...(mend === undefined ? {} : { mend }),
      });
  }
  return said;
}

/** What the calls module's own command finds, as a step: its lines are ours, but for those that were told before. */
const callStep = (context: CommandContext, calls: Command, host: string): Step => ({
  name: 'call',
  limitMs: 120_000,
  async look() {
    const printed: string[] = [];
    const quiet = { ...context, print: (line: string) => void printed.push(line) };
    try {
      await calls.run(quiet, ['doctor', '--json', '--host', host]);
    } catch (error) {
      // What it found stands in what it printed; it throws for its exit status.
      if (!(error instanceof StartError) || printed.length === 0) throw error;
    }
    const { findings } = JSON.parse(printed.join('\n')) as { findings: CallFinding[] };
    const own = findings.filter(({ step }) => step !== 'names' && step !== 'server');
    if (own.length > 0) return byTransport(own);
    return [
      {
        outcome: 'failed',
        what: 'no call was placed, because the server or its database is not there',
        mend: 'mend these first, and look again',
      },
    ];
  },
});

/**
 * Looks at everything that an installation needs, from its name in DNS to a real message and a real call; names each fault and
 * what mends it. Status 1 when there is one.
 *
 * @param others the command of the calls module, which has a doctor of its own, and steps that modules bring.
 */
export const createDoctor = (others: { calls: Command | undefined; steps: readonly Step[] }): Command => ({
  name: 'doctor',
  usage: usage.slice('doctor '.length),
  summary:
    'Look at names, certificates, clock, disk, database, bus, blobs, a message and a call; name each fault and its mend',
  async run(context, args) {
    const asked = readArguments(args);
    const { settings, env, log, print } = context;
    // Loaded before anything is measured: it takes a second of this process.
    const [{ floorSteps, runSteps, runStep }, { migrations }] = await Promise.all([
      import('@liaison/core/doctor'),
      import('@liaison/server/compose'),
    ]);
    const { calls, steps } = others;
    const host = asked.host ?? hostOf(settings);
    const examined = {
      settings,
      env,
      log,
      host,
      timeServer: asked.timeServer,
      migrations,
    };
    const begun = performance.now();
    const findings: Finding[] = [];
    const found = (finding: Finding): void => {
      findings.push(finding);
      if (!asked.json) print(lineOf(finding));
    };
    const wanted = ({ name }: Step) => !asked.without.includes(name);
    await runSteps({ steps: [...floorSteps, ...steps].filter(wanted), examined, found });
    // Last and alone: what else is measured should not be heard in it.
    if (calls && !asked.without.includes('call'))
      for (const finding of await runStep(callStep(context, calls, host), examined)) found(finding);

    const count = (outcome: Finding['outcome']) => findings.filter((each) => each.outcome === outcome).length;
    const seconds = Math.round((performance.now() - begun) / 100) / 10;
    if (asked.json) print(JSON.stringify({ healthy: count('failed') === 0, seconds, findings }, null, 2));
    else
      print(
        `${count('failed')} faults, ${count('warning')} warnings, ${count('good')} in order; ${seconds} s`,
      );
    const fault = findings.find(({ outcome }) => outcome === 'failed');
    if (fault) throw new StartError({ what: `${fault.step}: ${fault.what}`, mend: fault.mend ?? '' });
  },
});
