import { join } from 'node:path';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { processTree } from '../measure/process-tree.ts';
import { against, atMost, type Benchmark, median, type Row } from '../measure/report.ts';
import { freePort, startServer } from '../measure/server.ts';
import { kamailioVersion, startKamailioRegistrar } from '../sip/kamailio.ts';
import type { Figures } from '../sip/register-generator.ts';
import { startRegisterGenerator } from '../sip/register-process.ts';

const ACCOUNTS = 10_000;
const PEOPLE = 1000;
const AT_ONCE = 64;
const SECONDS = 8;
const MAX_BUSY = 0.7;

interface Measured {
  perSecond: number;
  cpuMs: number;
  p99Ms: number;
  failedPercent: number;
  busy: number;
}

/** Registrations of 10,000 telephones, each challenged and stored, beside Debian's kamailio with its own PostgreSQL. */
export const sipRegister: Benchmark = async ({ rounds, say, profileFolder }) => {
  const { folder, remove } = await scratchFolder('sip-register');
  const ends: (() => Promise<void>)[] = [remove];
  try {
    const dataFolder = join(folder, 'data');
    const seeded = await seedInstallation(dataFolder, { people: PEOPLE, telephones: ACCOUNTS });
    say(`${ACCOUNTS} telephones of ${PEOPLE} people`);
    const version = await kamailioVersion();
    const sipPort = await freePort();
    const server = await startServer({
      dataFolder,
      sipPort,
      ...(profileFolder === undefined
        ? {}
        : { nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] }),
    });
    ends.push(() => server.stop());
    const generator = await startRegisterGenerator(seeded.domain, seeded.telephones);
    ends.push(() => generator.end());
    const kamailio =
      version === undefined
        ? undefined
        : await startKamailioRegistrar(join(folder, 'kamailio'), version, seeded.domain, seeded.telephones);
    if (kamailio) ends.push(() => kamailio.stop());

    const sides = [
      { name: 'ours    ', port: sipPort, cpuSeconds: () => processTree(server.pid).cpuSeconds },
      ...(kamailio ? [{ name: 'kamailio', port: kamailio.port, cpuSeconds: kamailio.cpuSeconds }] : []),
    ];
    const first = new Map<string, Measured>();
    const later = new Map<string, Measured[]>();
    const measured = async (side: (typeof sides)[number], work: () => Promise<Figures>, what: string) => {
      const before = side.cpuSeconds();
      const figures = await work();
      const cpuMs = (1000 * (side.cpuSeconds() - before)) / figures.done;
      const perSecond = figures.done / figures.seconds;
      const failedPercent = (100 * (figures.failed + figures.refused)) / figures.begun;
      const { latencyMs, busy, repeated, others } = figures;
      say(
        `${side.name} ${what}: ${perSecond.toFixed(0)}/s, ${cpuMs.toFixed(3)} ms of processor time each, ` +
          `median ${latencyMs.median.toFixed(0)} ms, p99 ${latencyMs.p99.toFixed(0)} ms, ${failedPercent.toFixed(2)} % failed, ` +
          `${repeated} repeated, generator ${(100 * busy).toFixed(0)} % busy${others.length > 0 ? `; ${others.join(', ')}` : ''}`,
      );
      return { perSecond, cpuMs, p99Ms: latencyMs.p99, failedPercent, busy };
    };
    for (const side of sides) {
      first.set(side.name, await measured(side, () => generator.all(side.port, AT_ONCE), 'first time '));
    }
    for (let round = 1; round <= rounds; round++) {
      for (const side of sides) {
        const one = await measured(
          side,
          () => generator.flood(side.port, AT_ONCE, SECONDS),
          `refresh, ${round}`,
        );
        later.set(side.name, [...(later.get(side.name) ?? []), one]);
      }
    }
    const of = (name: string, what: keyof Measured) =>
      median((later.get(name) ?? []).map((each) => each[what]));
    const [ours, peer] = sides.map(({ name }) => name) as [string, string | undefined];
    const rate = of(ours, 'perSecond');
    const rows: Row[] = [
      {
        metric: 'refreshes',
        unit: '1/s',
        ours: rate,
        peer: peer === undefined ? null : of(peer, 'perSecond'),
        ratio: peer === undefined ? null : rate / of(peer, 'perSecond'),
        goal: '>= 2000',
        met: rate >= 2000,
      },
      atMost('refresh, processor time', 'ms', of(ours, 'cpuMs')),
      atMost('refresh, p99', 'ms', of(ours, 'p99Ms')),
      atMost('failed', '%', of(ours, 'failedPercent'), 0.1),
    ];
    if (peer !== undefined) {
      rows.push(
        against('refreshes per processor second', '1/s', 1000 / of(ours, 'cpuMs'), 1000 / of(peer, 'cpuMs'), {
          better: 'more',
          times: 0.5,
        }),
      );
      const [mine, theirs] = [first.get(ours)!, first.get(peer)!];
      rows.push(
        against('all for the first time', '1/s', mine.perSecond, theirs.perSecond, { better: 'more' }),
        against('first time, per processor second', '1/s', 1000 / mine.cpuMs, 1000 / theirs.cpuMs, {
          better: 'more',
        }),
      );
    }
    const busiest = Math.max(...(later.get(ours) ?? []).map(({ busy }) => busy));
    return {
      rows,
      notes: [
        `Each registration is a REGISTER, its 401 and a REGISTER with MD5 digest, over UDP; ${AT_ONCE} at a time as fast as answers come, ${SECONDS} s, median of ${rounds} rounds.`,
        'Processor time is that of the server and its PostgreSQL, both on one core; the telephones have the other.',
        kamailio
          ? `Peer: kamailio ${kamailio.version} with 8 workers; accounts and bindings in a PostgreSQL of its own with our settings on the same disk, each binding written before its 200 (db_mode 1).`
          : 'Peer: kamailio and kamailio-postgres-modules are not installed.',
      ],
      ...(busiest > MAX_BUSY
        ? {
            void: `the telephones took ${(100 * busiest).toFixed(0)} % of their core: they were measured, not the server`,
          }
        : {}),
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
};
