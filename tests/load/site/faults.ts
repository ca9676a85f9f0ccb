import { setTimeout as sleep } from 'node:timers/promises';
import type { DockerEngine } from '../../testing/docker-engine.ts';
import { atMost, median, type Row } from '../measure/report.ts';
import { cutPorts } from './cut.ts';
import { allReachable, until } from './site-lab.ts';
import { type Stage, type Step, secondsSince } from './stage.ts';

const rounds = 3;
const cutSeconds = 60;

/** One of several front processes is killed, again and again. */
export const containerKilled: Step = async ({ site, pages, say, visitors }) => {
  const times: number[] = [];
  const wanted = (await site.healthy('front')).length;
  const visiting = visitors();
  const begun = performance.now();
  for (let round = 1; round <= rounds; round++) {
    const [victim] = await site.healthy('front');
    if (victim === undefined) throw new Error('no front process is healthy');
    const killed = performance.now();
    await victim.engine.docker(['kill', victim.id]);
    await until(async () => {
      const now = await site.healthy('front');
      return now.length >= wanted && !now.some(({ id }) => id === victim.id);
    }, 'as many front processes are healthy as before');
    times.push(secondsSince(killed));
    say(`a container killed: healthy after ${times.at(-1)?.toFixed(1)} s`);
  }
  await visiting.stop();
  const { asked, failed } = visiting.counts();
  if (failed > 0) say(`failed: ${visiting.refusals()}`);
  return [
    atMost('container killed: as many healthy again (median of 3)', 's', median(times), 10),
    atMost('container killed: as many healthy again (longest)', 's', Math.max(...times)),
    atMost(`container killed: requests that failed, of ${asked}`, '', failed),
    atMost('container killed: longest that a page was away', 's', pages.longestAway(begun)),
  ];
};

/** A machine is gone at once, then is there again. The one with PostgreSQL's copy: neither the leader nor the primary. */
export const nodeLost: Step = (stage) => machineLost(stage, 1, 'node');

/** The same with the manager that leads the swarm. */
export const leaderLost: Step = async (stage) => {
  const { site } = stage;
  const leader = await leaderOf(site.manager());
  const at = site.nodes.findIndex(({ name }) => name === leader);
  if (at === site.wanted.primary)
    throw new Error('the leader is where the primary is: nothing of its own to see');
  return machineLost(stage, at, 'leader');
};

async function machineLost(stage: Stage, at: number, what: string): Promise<Row[]> {
  const { site, edges, pages, say } = stage;
  const node = site.nodes[at];
  if (node === undefined) throw new Error('there is no such node');
  const left = edges.filter((_, other) => other !== at);
  const visiting = stage.visitors({ without: at });
  const begun = performance.now();
  await site.lose(node);
  await until(
    async () => {
      const [front, back] = await Promise.all([site.healthy('front'), site.healthy('back')]);
      return front.length >= site.wanted.front && back.length >= 2;
    },
    'the processes of the lost machine are healthy elsewhere',
    180_000,
  );
  const again = secondsSince(begun);
  const gap = visiting.longestGap(begun);
  const silent = stage.stream.longestGap(begun);
  await until(
    async () => pages.areLive(left),
    () => `every page of the others is connected (not ${pages.whoIsAway()})`,
  );
  const away = pages.longestAway(begun, left);
  await visiting.stop();
  const { asked, failed } = visiting.counts();
  say(
    `${what} lost: its processes healthy elsewhere after ${again.toFixed(1)} s, longest without an answer ${gap.toFixed(1)} s`,
  );
  if (failed > 0) say(`failed: ${visiting.refusals()}`);
  const returning = performance.now();
  await site.regain(node);
  await allReachable(site.manager(), 180_000);
  await site.whole(240_000);
  say(`it is back and every service whole after ${secondsSince(returning).toFixed(1)} s`);
  return [
    atMost(`${what} lost: its processes healthy elsewhere`, 's', again),
    atMost(`${what} lost: served again at the others, longest without an answer`, 's', gap, 30),
    atMost(`${what} lost: longest without an acknowledged message`, 's', silent),
    atMost(`${what} lost: longest that a page at the others was away`, 's', away),
    atMost(`${what} lost: requests that failed at the others, of ${asked}`, '', failed),
    atMost(`${what} back: every service whole`, 's', secondsSince(returning)),
  ];
}

/**
 * A machine is half dead: it answers pings, its Docker answers nobody, and with that no name is known any more to what runs on it. The
 * one with PostgreSQL's copy, as when it is lost.
 */
export const nodeHalfDead: Step = async (stage) => {
  const { site, edges, pages, say } = stage;
  const at = 1;
  const node = site.nodes[at];
  if (node === undefined) throw new Error('there is no such node');
  const left = edges.filter((_, other) => other !== at);
  const visiting = stage.visitors({ without: at });
  const begun = performance.now();
  await node.hang();
  let again: number;
  let drained: number;
  let looked: number;
  try {
    await until(
      async () => {
        const [front, back] = await Promise.all([site.healthy('front'), site.healthy('back')]);
        return front.length >= site.wanted.front && back.length >= 2;
      },
      'the processes of the machine are healthy elsewhere',
      180_000,
    );
    again = secondsSince(begun);
    looked = await lookedAt(stage, node.name);
    const draining = performance.now();
    await site.liaison('node', 'drain', 'SITE', node.name, '--yes');
    drained = secondsSince(draining);
    await until(
      async () => pages.areLive(left),
      () => `every page of the others is connected (not ${pages.whoIsAway()})`,
    );
  } finally {
    await node.goOn();
  }
  const gap = visiting.longestGap(begun);
  const silent = stage.stream.longestGap(begun);
  const away = pages.longestAway(begun, left);
  await visiting.stop();
  const { asked, failed } = visiting.counts();
  say(
    `half dead: healthy elsewhere after ${again.toFixed(1)} s, emptied in ${drained.toFixed(1)} s, longest without an answer ${gap.toFixed(1)} s`,
  );
  if (failed > 0) say(`failed: ${visiting.refusals()}`);
  const returning = performance.now();
  await allReachable(site.manager(), 180_000);
  await site.liaison('node', 'active', 'SITE', node.name, '--yes');
  await site.whole(240_000);
  return [
    atMost('node half dead: its processes healthy elsewhere', 's', again),
    atMost('node half dead: served again at the others, longest without an answer', 's', gap, 30),
    atMost('node half dead: longest without an acknowledged message', 's', silent),
    atMost('node half dead: longest that a page at the others was away', 's', away),
    atMost(`node half dead: requests that failed at the others, of ${asked}`, '', failed),
    atMost('node half dead: liaison status and logs, the longer of the two', 's', looked, 60),
    atMost('node half dead: liaison node drain, from the command to its end', 's', drained),
    atMost('node whole again: every service whole', 's', secondsSince(returning)),
  ];
};

/** An operator looks what is the matter: which machine, and what the others' processes say. Answers what took longer. */
async function lookedAt({ site }: Stage, name: string): Promise<number> {
  const begun = performance.now();
  const status = await site.liaison('status', 'SITE');
  if (!new RegExp(`^ +${name} +\\S+.*, down`, 'm').test(status))
    throw new Error(`status does not say that ${name} is down: ${status}`);
  const asked = performance.now();
  // What the silent machine has is missing, and that is said.
  const logs = await site
    .liaison('logs', 'SITE', 'front', '--lines', '20')
    .catch((error: Error) => error.message);
  if (!logs.includes('front.')) throw new Error(`logs show nothing of the others: ${logs}`);
  return Math.max(asked - begun, performance.now() - asked) / 1000;
}

export async function leaderOf(manager: DockerEngine): Promise<string> {
  const nodes = await manager.docker(['node', 'ls', '--format', '{{.Hostname}} {{.ManagerStatus}}']);
  return /^(\S+) Leader$/m.exec(nodes)?.[1] ?? '';
}

/** The bus is there and nobody reaches it. */
export const natsCut: Step = async (stage) => {
  const { site, pages, stream, say } = stage;
  const visiting = stage.visitors();
  const begun = performance.now();
  await whileCut(stage, 'nats', [4222, 6222]);
  const healed = performance.now();
  await until(async () => stream.isKnown(pages), 'every page knows what was said', 120_000, 20);
  const known = secondsSince(healed);
  await visiting.stop();
  const { asked, failed } = visiting.counts();
  const gap = stream.longestGap(begun);
  say(`NATS back: pages know everything after ${known.toFixed(1)} s; ${failed} of ${asked} requests failed`);
  await site.whole(120_000);
  return [
    atMost(`NATS cut for ${cutSeconds} s: requests that failed, of ${asked}`, '', failed, 0),
    atMost(`NATS cut for ${cutSeconds} s: longest without an acknowledged message`, 's', gap),
    atMost('NATS back: every page knows everything', 's', known),
  ];
};

/** The database is there and nobody reaches it. */
export const postgresCut: Step = async (stage) => {
  const { site, stream, say } = stage;
  const before = (await site.healthy('front')).map(({ id }) => id).sort();
  const visiting = stage.visitors();
  await whileCut(stage, 'postgres', [5432]);
  const healed = performance.now();
  const acknowledged = stream.acknowledged();
  await until(async () => stream.acknowledged() > acknowledged, 'a message is acknowledged again', 120_000);
  const again = secondsSince(healed);
  await visiting.stop();
  const { asked, failed } = visiting.counts();
  await site.whole(120_000);
  const after = (await site.healthy('front')).map(({ id }) => id).sort();
  const replaced = after.filter((id) => !before.includes(id)).length;
  say(
    `PostgreSQL back: a message is acknowledged after ${again.toFixed(1)} s; ${failed} of ${asked} requests failed, ${replaced} processes were replaced`,
  );
  return [
    atMost('PostgreSQL back: a message is acknowledged', 's', again, 30),
    atMost(`PostgreSQL cut for ${cutSeconds} s: requests that failed, of ${asked}`, '', failed),
    atMost(`PostgreSQL cut for ${cutSeconds} s: processes that were replaced`, '', replaced, 0),
  ];
};

async function whileCut({ site, say }: Stage, service: string, ports: readonly number[]): Promise<void> {
  const containers = await site.healthy(service);
  const heals = await Promise.all(containers.map((container) => cutPorts(container, ports)));
  say(`${service} cut for ${cutSeconds} s`);
  try {
    await sleep(cutSeconds * 1000);
  } finally {
    await Promise.all(heals.map((heal) => heal()));
  }
}
