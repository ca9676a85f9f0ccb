import { type Command, type CommandContext, UsageError } from '@liaison/core/cli';
import { mediaAddress, type Settings, StartError } from '@liaison/core/config';
import { createDb } from '@liaison/core/db';
import { rolePassword } from '@liaison/core/floor';
import { processesSeen } from '@liaison/core/owned';
import { openSecrets } from '@liaison/core/secrets';
import { findOldestOrganisation } from './server/doctor/across-organisations.ts';
import { makeDoctorTelephone } from './server/doctor/credentials.ts';
import { type DoctorOptions, examine, ownAddresses } from './server/doctor/doctor.ts';
import type { DoctorTransport, Finding } from './server/doctor/finding.ts';
import { askFrontDoor } from './server/doctor/front-door.ts';
import { judgeNames } from './server/doctor/names.ts';
import { askReceiveQueue } from './server/doctor/receive-queue.ts';

const usage = 'doctor [--json] [--host ADDRESS] [--only udp,tcp,tls,ws,wss]';
const transports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;

interface Asked {
  json: boolean;
  host: string | null;
  only: readonly DoctorTransport[];
}

function readArguments(args: readonly string[]): Asked {
  const [verb, ...rest] = args;
  if (verb !== 'doctor') throw new UsageError('say doctor');
  const asked: Asked = { json: false, host: null, only: transports };
  for (let at = 0; at < rest.length; at++) {
    const name = rest[at];
    if (name === '--json') {
      asked.json = true;
      continue;
    }
    at += 1;
    const value = rest[at];
    if (value === undefined) throw new UsageError(`${name} needs a value`);
    if (name === '--host') asked.host = value;
    else if (name === '--only') {
      const named = value.split(',');
      asked.only = transports.filter((each) => named.includes(each));
      if (asked.only.length !== named.length) throw new UsageError(`--only takes ${transports.join(',')}`);
    } else throw new UsageError(`${name} is not an option`);
  }
  return asked;
}

/** Where the doors of this machine are: the address that is bound, or of all of them one that others are told. */
function hostOf(settings: Settings): string {
  if (settings.bind !== '0.0.0.0' && settings.bind !== '::') return settings.bind;
  const own = ownAddresses();
  // A wrong one must not hide the server that is there.
  return settings.advertise.find((address) => own.includes(address)) ?? '127.0.0.1';
}

/** A port of 0 is any free one: nobody outside the server knows which. */
function portsOf(settings: Settings, only: readonly DoctorTransport[]): DoctorOptions['ports'] {
  const all: Record<DoctorTransport, number> = {
    udp: settings.sipPort,
    tcp: settings.sipPort,
    tls: settings.sipsPort,
    ws: settings.httpPort,
    wss: settings.httpsPort,
  };
  return Object.fromEntries(only.filter((each) => all[each] !== 0).map((each) => [each, all[each]]));
}

/** Whether a server runs here at all, and what it says it lacks. */
export async function askReadiness(host: string, port: number): Promise<Omit<Finding, 'ms' | 'transport'>> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/readyz`;
  let answer: Response;
  try {
    answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
  } catch {
    return {
      step: 'server',
      outcome: 'failed',
      what: `no server answers at ${url}`,
      mend: 'start it with npm start, or give this command the settings of the running one (LIAISON_HTTP_PORT, LIAISON_BIND, LIAISON_DATA)',
    };
  }
  const body = (await answer.json().catch(() => ({}))) as { status?: unknown; missing?: unknown };
  if (typeof body.status !== 'string') {
    return {
      step: 'server',
      outcome: 'failed',
      what: `at ${url} answers another program`,
      mend: 'end that program, or give Liaison another port by LIAISON_HTTP_PORT',
    };
  }
  if (answer.status === 200) return { step: 'server', outcome: 'good', what: 'the server is ready' };
  const missing = JSON.stringify(body.missing ?? '').slice(0, 200);
  return {
    step: 'server',
    outcome: 'failed',
    what: `the server is not ready: ${missing}`,
    mend: /database/.test(missing)
      ? 'look whether PostgreSQL runs and DATABASE_URL leads to it'
      : 'look into the log of the server',
  };
}

async function askDatabase(
  context: CommandContext,
  secrets: Awaited<ReturnType<typeof openSecrets>>,
): Promise<{ orgId: string | null; duties: Set<string> }> {
  return context.withDatabase(async (url) => {
    const db = createDb({ url, password: rolePassword(secrets), poolSize: 2 });
    try {
      const processes = await processesSeen(db, 'living');
      return {
        orgId: await findOldestOrganisation(db),
        duties: new Set(processes.flatMap(({ duties }) => duties)),
      };
    } finally {
      await db.close();
    }
  });
}

const sign = { good: 'ok', warning: '!!', failed: 'XX' } as const;

/** One line for people: `ok  udp  registration  a telephone signs in · mend`. */
const lineOf = ({ outcome, transport, step, what, mend }: Finding): string =>
  `${sign[outcome]}  ${(transport ?? '').padEnd(4)} ${step.padEnd(13)} ${what}${mend ? `\n${' '.repeat(23)}→ ${mend}` : ''}`;

/** Calls the running server's echo over every transport and says what works; status 1 when something does not. */
const calls: Command = {
  name: 'calls',
  usage,
  summary: 'Place a test call over every transport of the running server, and name what fails and its mend',
  async run(context, args) {
    const { settings, print } = context;
    const asked = readArguments(args);
    const host = asked.host ?? hostOf(settings);
    const findings: Finding[] = [];
    const found = (finding: Finding): void => {
      findings.push(finding);
      if (!asked.json) print(lineOf(finding));
    };
    const finish = (): void => {
      const failed = findings.filter(({ outcome }) => outcome === 'failed');
      if (asked.json) print(JSON.stringify({ healthy: failed.length === 0, findings }, null, 2));
      const [first] = failed;
      if (first) {
        throw new StartError({
          what: `${first.transport ? `${first.transport}, ` : ''}${first.step}: ${first.what}`,
          mend: first.mend ?? '',
        });
      }
    };

    const readiness = await askReadiness(host, settings.httpPort);
    found({ ...readiness, transport: null, ms: 0 });
    if (readiness.outcome === 'failed') return finish();

    const secrets = await openSecrets({ dataFolder: settings.dataFolder });
    let seen: Awaited<ReturnType<typeof askDatabase>>;
    try {
      seen = await askDatabase(context, secrets);
    } catch (error) {
      found({
        step: 'server',
        transport: null,
        ms: 0,
        outcome: 'failed',
        what: `the database cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        mend: 'look whether PostgreSQL runs, DATABASE_URL leads to it, and LIAISON_DATA is the running server’s',
      });
      return finish();
    }
    const { orgId, duties } = seen;
    const missing = ['api', 'sip', 'media', 'worker'].filter((duty) => !duties.has(duty));
    found({
      step: 'duties',
      transport: null,
      ms: 0,
      outcome:
        missing.includes('sip') || missing.includes('media') ? 'failed' : missing.length ? 'warning' : 'good',
      what: missing.length ? `no process has the duty ${missing.join(', ')}` : 'every duty has a process',
      ...(missing.length ? { mend: 'start a process with LIAISON_DUTIES that names it, or with all' } : {}),
    });
    if (orgId === null) {
      found({
        step: 'duties',
        transport: null,
        ms: 0,
        outcome: 'failed',
        what: 'there is no organisation yet to call in',
        mend: 'set one up by the link that the server prints at its first start',
      });
      return finish();
    }
    const names = [...settings.advertise];
    if (settings.publicUrl !== undefined) names.push(new URL(settings.publicUrl).hostname);
    for (const finding of await judgeNames(names, [...ownAddresses(), ...settings.advertise])) found(finding);
    if (duties.has('sip')) {
      // Figures are told to this machine, by whichever address is bound.
      const own = settings.bind === '0.0.0.0' ? '127.0.0.1' : settings.bind === '::' ? '::1' : settings.bind;
      found(await askReceiveQueue(own, settings.httpPort));
    }
    await examine({
      host,
      ports: portsOf(settings, asked.only),
      mediaAddress: mediaAddress(settings),
      rtpPorts: settings.rtpPorts,
      names: settings.advertise,
      telephone: () => makeDoctorTelephone(secrets, orgId),
      found,
    });
    if (settings.publicUrl !== undefined && (asked.only.includes('ws') || asked.only.includes('wss')))
      found(await askFrontDoor(settings.publicUrl));
    finish();
  },
};

export const commands: Command[] = [calls];
