import { join } from 'node:path';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { processTree } from '../measure/process-tree.ts';
import { atMost, type Benchmark, median, type Row } from '../measure/report.ts';
import { freePort, startServer } from '../measure/server.ts';
import { startRegisterGenerator } from '../sip/register-process.ts';

const ACCOUNTS = 5000;
const PEOPLE = 500;
const AT_ONCE = 48;
const KNEE_SECONDS = 8;
const STEP_SECONDS = 15;
/** What the controller needs to find its rate is not what it then holds. */
const SETTLE_SECONDS = 3;
const MAX_BUSY = 0.85;

/**
 * Registrations at twice and five times what the server carries, by the method of RFC 7502 §4 and with the terms of RFC 7501:
 * the knee is searched before each step, then exceeded, and then it is seen how soon everything is as before.
 */
export const overload: Benchmark = async ({ rounds, say }) => {
  const { folder, remove } = await scratchFolder('overload');
  const ends: (() => Promise<void>)[] = [remove];
  try {
    const dataFolder = join(folder, 'data');
    const seeded = await seedInstallation(dataFolder, { people: PEOPLE, telephones: ACCOUNTS });
    const sipPort = await freePort();
    const server = await startServer({ dataFolder, sipPort });
    ends.push(() => server.stop());
    const generator = await startRegisterGenerator(seeded.domain, seeded.telephones);
    ends.push(() => generator.end());
    const cpuSeconds = () => processTree(server.pid).cpuSeconds;

    // Whoever is refused the first time comes again, as a telephone would.
    for (let left = ACCOUNTS, tries = 0; left > 0 && tries < 5; tries++) {
      const { done } = await generator.all(sipPort, 24);
      left = ACCOUNTS - done;
    }
    const knees: number[] = [];
    const shares = new Map<number, number[]>();
    const recoveries: number[] = [];
    let busiest = 0;
    let refused = 0;
    let withRetryAfter = 0;
    for (let round = 1; round <= rounds; round++) {
      const kneeOfNow = async (): Promise<number> => {
        const before = cpuSeconds();
        const knee = await generator.flood(sipPort, AT_ONCE, KNEE_SECONDS);
        const perSecond = knee.done / knee.seconds;
        knees.push(perSecond);
        const cpuMs = (1000 * (cpuSeconds() - before)) / knee.done;
        say(
          `round ${round}, knee: ${perSecond.toFixed(0)}/s at ${AT_ONCE} at a time, ${cpuMs.toFixed(2)} ms of processor time each, p99 ${knee.latencyMs.p99.toFixed(0)} ms`,
        );
        return perSecond;
      };
      let perSecond = 0;
      for (const times of [2, 5]) {
        // Just before each step: what a machine carries is not the same a minute later.
        perSecond = await kneeOfNow();
        const step = await generator.rate(sipPort, Math.round(perSecond * times), STEP_SECONDS);
        const settled = step.perSecond.slice(SETTLE_SECONDS, STEP_SECONDS);
        const goodput = settled.reduce((sum, count) => sum + count, 0) / settled.length;
        const share = (100 * goodput) / perSecond;
        shares.set(times, [...(shares.get(times) ?? []), share]);
        busiest = Math.max(busiest, step.busy);
        refused += step.refused;
        withRetryAfter += step.withRetryAfter;
        say(
          `${times} times the knee: of ${(step.begun / STEP_SECONDS).toFixed(0)}/s that began ${goodput.toFixed(0)}/s got through (${share.toFixed(0)} %), ` +
            `${step.refused} refused (${step.withRetryAfter} with Retry-After), ` +
            `${step.failed} unanswered, ${step.repeated} repeated, p99 ${step.latencyMs.p99.toFixed(0)} ms, generator ${(100 * step.busy).toFixed(0)} % busy`,
        );
      }
      // At four fifths of the knee: until which second somebody that begins in it is refused, or waits for long. Of those that
      // *began* in it: what ends in a second is fewer wherever a pause of 30 ms lies at its end, which is no overload.
      const after = Math.round(perSecond * 0.8);
      const calm = await generator.rate(sipPort, after, STEP_SECONDS);
      const last = calm.cohorts
        .slice(0, STEP_SECONDS)
        .reduce((late, { begun, inTime }, second) => (inTime < 0.97 * begun ? second + 1 : late), 0);
      recoveries.push(last);
      say(
        `0.8 times the knee again: all get through after ${last} s, ${calm.refused} were refused, p99 ${calm.latencyMs.p99.toFixed(0)} ms`,
      );
    }
    const rows: Row[] = [
      atMost('knee', '1/s', median(knees)),
      ...[2, 5].map((times): Row => {
        const share = median(shares.get(times) ?? []);
        const goal = times === 2 ? 90 : 80;
        return {
          metric: `goodput at ${times} times the knee`,
          unit: '%',
          ours: share,
          peer: null,
          ratio: null,
          goal: `>= ${goal}`,
          met: share >= goal,
        };
      }),
      {
        metric: 'of those refused: with Retry-After',
        unit: '%',
        ours: (100 * withRetryAfter) / refused,
        peer: null,
        ratio: null,
        goal: '100',
        met: withRetryAfter === refused,
      },
      atMost('until all get through again', 's', median(recoveries), 10),
    ];
    return {
      rows,
      notes: [
        `Load: REGISTER, its 401 and a REGISTER with digest, ${ACCOUNTS} telephones over UDP; knee: ${AT_ONCE} at a time as fast as answers come. Each step ${STEP_SECONDS} s, its first ${SETTLE_SECONDS} s left out; telephones repeat after 0.5, 1, 2 s (RFC 3261) and do not come back after a 503.`,
        'Server and PostgreSQL on one core, telephones on the other. Goodput: registrations that got their 200. All get through again: of those that begin in a second 97 % have it within a second.',
      ],
      ...(busiest > MAX_BUSY
        ? { void: `the telephones took ${(100 * busiest).toFixed(0)} % of their core: they were the limit` }
        : {}),
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
};
