import type { RunningContainer } from '../../testing/docker-api.ts';
import { containersOf } from '../../testing/docker-api.ts';
import type { DockerEngine } from '../../testing/docker-engine.ts';
import { atMost, type Row } from '../measure/report.ts';
import { cutPorts } from './cut.ts';
import { keptLogMb } from './lab-description.ts';
import { readAll } from './site-client.ts';
import { allReachable, type SiteLab, until } from './site-lab.ts';
import { type Stage, type Step, secondsSince } from './stage.ts';

/** The machine is to rest: the primary is asked to end, and first sends its copy everything. */
export const failoverPlanned: Step = async (stage) => {
  const { site } = stage;
  await until(() => isStreaming(site), 'the copy follows the primary', 120_000);
  const { primary: former } = site.wanted;
  const moved = await moveThePrimary(stage, 'planned failover', 0);
  const following = await oldOneFollows(stage, former);
  return [...moved, atMost('planned failover: the old primary follows as a fresh copy', 's', following)];
};

/**
 * The machine with the primary is gone at once, while what is acknowledged is on both. It then returns: its data is of an epoch that
 * is over, a description from before is refused, and it becomes the copy.
 */
export const failoverUnplanned: Step = async (stage) => {
  const { site, say } = stage;
  await site.deploy({ synchronous: true });
  await site.whole(180_000);
  await until(() => isStreaming(site), 'the copy follows the primary', 120_000);
  const before = site.wanted;
  const lost = nodeAt(site, before.primary);
  await site.lose(lost);
  const moved = await moveThePrimary(stage, 'primary lost', 0);

  await site.regain(lost);
  await allReachable(site.manager(), 180_000);
  await until(
    async () => !(await databasesOn(site, lost)),
    'no database runs on the machine that was lost',
    60_000,
  );
  const said = await site
    .liaisonWith(before, 'site', 'deploy', 'SITE', '--replace', '--yes')
    .catch((error: Error) => error.message);
  if (!/the database runs in epoch \d+, and the description here says \d+/.test(said))
    throw new Error(`a description from before the failover was not refused: ${said.slice(0, 500)}`);
  say('the old primary is back: nothing starts on its data, and a description from before is refused');
  const following = await oldOneFollows(stage, before.primary);
  await site.deploy({ synchronous: false });
  await site.whole(180_000);
  return [...moved, atMost('primary lost: once back it follows as a fresh copy', 's', following)];
};

/** A copy that was away while the primary wrote more than it keeps: it is ill, is made anew, and follows. */
export const standbyAway: Step = async ({ site, say }) => {
  await until(() => isStreaming(site), 'the copy follows the primary', 120_000);
  const [copy] = await site.healthy('postgres-standby');
  const [primary] = await site.healthy('postgres');
  if (copy === undefined || primary === undefined) throw new Error('there is no copy');
  const heal = await cutPorts(copy, [5432]);
  try {
    // As long as the primary believes in the connection it loses nothing.
    await until(async () => !(await isStreaming(site)), 'the primary misses its copy', 60_000, 500);
    const emit = "select pg_logical_emit_message(false, 'away', repeat('x', 15000000))";
    for (let written = 0; written <= keptLogMb * 2; written += 15) await query(primary, emit);
    await until(
      async () => {
        await query(primary, 'checkpoint');
        const kept = await query(
          primary,
          "select wal_status from pg_replication_slots where slot_name = 'standby'",
        );
        return kept === 'lost';
      },
      'the primary keeps nothing for it any more',
      60_000,
      500,
    );
  } finally {
    await heal();
  }
  const begun = performance.now();
  await until(() => isStreaming(site), 'the copy is made anew and follows', 240_000, 500);
  await site.whole(120_000);
  const seconds = secondsSince(begun);
  const service = site.serviceName('postgres-standby');
  const logs = await site
    .manager()
    .docker(['service', 'logs', '--raw', '--tail', '200', service], { complaintsToo: true });
  if (!logs.includes('the primary no longer has what this copy lacks'))
    throw new Error('the copy follows and does not say that it was made anew');
  const status = await site.liaison('status', 'SITE');
  const says = /postgres-standby .*(follows, \d+ bytes behind)/.exec(status)?.[1];
  if (says === undefined) throw new Error(`status does not say how far behind the copy is: ${status}`);
  say(`a copy that was away for too long was made anew after ${seconds.toFixed(1)} s, and says: ${says}`);
  return [atMost('copy away for more than the primary keeps: made anew and follows', 's', seconds)];
};

/** `liaison failover`, until people write again; nothing that was acknowledged may be missing. */
async function moveThePrimary(
  { site, edges, members, stream, say }: Stage,
  what: string,
  mostLost: number,
): Promise<Row[]> {
  const { standby } = site.wanted;
  const [member] = members;
  const edge = edges[standby ?? 0];
  if (edge === undefined || member === undefined) throw new Error('nobody can ask');
  const begun = performance.now();
  const acknowledged = stream.acknowledged();
  // Three managers less one decide once they have a leader again.
  let refused = '';
  await until(
    async () => {
      await site.liaison('failover', 'SITE', '--yes').catch((error: Error) => {
        refused = error.message;
        throw error;
      });
      return true;
    },
    () => `the standby is the primary (${refused.slice(-800)})`,
    180_000,
    1000,
  );
  const told = secondsSince(begun);
  await until(
    async () => stream.acknowledged() > acknowledged + 5,
    'messages are acknowledged again',
    180_000,
  );
  const silent = stream.longestGap(begun);
  const known = stream.texts();
  let kept = new Set<string>();
  await until(
    async () => {
      kept = new Set(await readAll(edge, stream.conversationId, member));
      return true;
    },
    'everything that was said is read again',
    120_000,
    1000,
  );
  const gone = known.filter((text) => !kept.has(text));
  say(
    `${what}: done after ${told.toFixed(1)} s, nobody could write for ${silent.toFixed(1)} s, of ${known.length} acknowledged messages ${gone.length} are missing`,
  );
  stream.forget(gone);
  return [
    atMost(`${what}: liaison failover, from the command to its end`, 's', told),
    atMost(`${what}: longest without an acknowledged message`, 's', silent, 60),
    atMost(`${what}: acknowledged messages that are missing, of ${known.length}`, '', gone.length, mostLost),
  ];
}

/** `liaison failover --standby`; answers after how many seconds it followed. */
async function oldOneFollows({ site, pages, say }: Stage, former: number): Promise<number> {
  const begun = performance.now();
  await site.liaison('failover', 'SITE', '--standby', nodeAt(site, former).name, '--yes');
  await until(() => isStreaming(site), 'the old primary follows as a fresh copy', 240_000, 500);
  await site.whole(180_000);
  const seconds = secondsSince(begun);
  say(`the old primary follows as a fresh copy after ${seconds.toFixed(1)} s`);
  await until(
    async () => pages.areLive(),
    () => `every page is connected (not ${pages.whoIsAway()})`,
    60_000,
  );
  return seconds;
}

const nodeAt = (site: SiteLab, at: number): DockerEngine => {
  const node = site.nodes[at];
  if (node === undefined) throw new Error(`there is no node ${at}`);
  return node;
};

const databasesOn = async (site: SiteLab, node: DockerEngine): Promise<boolean> =>
  (await containersOf([node])).some(({ service }) => service.startsWith(site.serviceName('postgres')));

/** Whether the copy has what the primary has, as it is written. */
export async function isStreaming(site: SiteLab): Promise<boolean> {
  const [primary] = await site.healthy('postgres');
  if (primary === undefined) return false;
  const state = "select state from pg_stat_replication where application_name = 'standby'";
  return (await query(primary, state)) === 'streaming';
}

export const query = ({ engine, id }: RunningContainer, sql: string): Promise<string> =>
  engine.docker([
    ...['exec', id, 'bash', '-c'],
    `PGPASSWORD="$(cat /run/secrets/postgres-password)" psql -h 127.0.0.1 -U postgres -d liaison -Atc "${sql}"`,
  ]);
