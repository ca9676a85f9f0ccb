import { containersOf, servicesOf } from '../../testing/docker-api.ts';
import { atMost, type Row } from '../measure/report.ts';
import { suiteImage, versions } from './lab-images.ts';
import { until } from './site-lab.ts';
import { type Stage, type Step, secondsSince } from './stage.ts';

const leastRequests = 5000;
const scaledTo = 5;

export const scaled: Step = async ({ site, say, visitors }) => {
  const before = site.wanted.front;
  const visiting = visitors();
  const up = performance.now();
  await site.deploy({ front: scaledTo });
  await until(async () => (await site.healthy('front')).length === scaledTo, 'more are healthy', 120_000);
  const grown = secondsSince(up);
  await site.deploy({ front: before });
  await until(
    async () =>
      (await containersOf(site.nodes)).filter(({ service }) => service === site.serviceName('front'))
        .length === before,
    'those too many are gone',
    120_000,
  );
  await site.whole(120_000);
  await visiting.stop();
  const { asked, failed } = visiting.counts();
  say(
    `scaled from ${before} to ${scaledTo} in ${grown.toFixed(1)} s, and back: ${failed} of ${asked} requests failed`,
  );
  if (failed > 0) say(`failed: ${visiting.refusals()}`);
  return [
    atMost(`front processes from ${before} to ${scaledTo}: all healthy`, 's', grown, 60),
    atMost(`scaled up and down: requests that failed, of ${asked}`, '', failed, 0),
  ];
};

/** N-1 → N → N-1, replica by replica, while people work. */
export const rollingUpdate: Step = async (stage) => [
  ...(await updated(stage, versions.now, 'update N-1 to N')),
  ...(await updated(stage, versions.before, 'update N to N-1')),
];

async function updated({ site, pages, say, visitors }: Stage, version: string, what: string): Promise<Row[]> {
  const visiting = visitors({ pauseMs: 40, perEdge: 2 });
  const begun = performance.now();
  await site.deploy({ version });
  await until(
    async () => {
      const ours = (await servicesOf(site.manager())).filter(({ image }) => image.startsWith(suiteImage));
      return ours.every(
        ({ image, update }) => image === `${suiteImage}:${version}` && update === 'completed',
      );
    },
    `every process says ${version}`,
    400_000,
    500,
  );
  await site.whole(120_000);
  const seconds = secondsSince(begun);
  await until(async () => visiting.counts().asked >= leastRequests, 'enough requests were made', 240_000);
  await visiting.stop();
  const { asked, failed } = visiting.counts();
  const away = pages.longestAway(begun);
  say(
    `${what}: ${seconds.toFixed(0)} s, ${failed} of ${asked} requests failed, a page was away ${away.toFixed(1)} s at most`,
  );
  if (failed > 0) say(`failed: ${visiting.refusals()}`);
  return [
    atMost(`${what}: every process replaced`, 's', seconds),
    atMost(`${what}: requests that failed, of ${asked}`, '', failed, 0),
    atMost(`${what}: longest that a page was away`, 's', away, 3),
  ];
}

/** What the operator's program asks before an update, of the real database: whether a version fits it. Nothing is changed. */
export const updatePlanned: Step = async ({ site, say }) => {
  const begun = performance.now();
  const planned = await site.liaison('update', 'SITE', versions.now);
  const seconds = secondsSince(begun);
  const fits = `${versions.now} fits the database`;
  if (!planned.includes(fits)) throw new Error(`the plan does not say that ${fits}: ${planned}`);
  const logs = await site.liaison('logs', 'SITE', 'postgres', '--lines', '3');
  if (!/postgres/.test(logs)) throw new Error(`PostgreSQL's log shows nothing of it: ${logs}`);
  say(`the plan of an update asked the database, in ${seconds.toFixed(1)} s`);
  return [atMost('update: its plan, with the question whether it fits the database', 's', seconds)];
};

/** An image that never says that it is well: the site returns by itself, and the swarm says so. */
export const brokenUpdate: Step = async ({ site, say, visitors }) => {
  const { version } = site.wanted;
  const visiting = visitors();
  const begun = performance.now();
  await site.deploy({ version: versions.broken });
  let said = '';
  await until(
    async () => {
      const ours = (await servicesOf(site.manager())).filter(({ image }) => image.startsWith(suiteImage));
      said = ours.map(({ message }) => message).join('; ');
      return ours.every(
        ({ image, update }) => image === `${suiteImage}:${version}` && update === 'rollback_completed',
      );
    },
    'every service is back at what it was',
    500_000,
    500,
  );
  const seconds = secondsSince(begun);
  await visiting.stop();
  const { asked, failed } = visiting.counts();
  await site.deploy({ version });
  await site.whole(120_000);
  say(
    `a broken update returned by itself after ${seconds.toFixed(0)} s (${said}); ${failed} of ${asked} requests failed`,
  );
  if (failed > 0) say(`failed: ${visiting.refusals()}`);
  return [
    atMost('broken update: every service returned by itself', 's', seconds),
    atMost(`broken update: requests that failed, of ${asked}`, '', failed, 0),
  ];
};
