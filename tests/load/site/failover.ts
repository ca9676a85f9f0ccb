import type { RunningContainer } from '../../testing/docker-api.ts';
import { atMost } from '../measure/report.ts';
import { readAll } from './site-client.ts';
import { allReachable, type SiteLab, until } from './site-lab.ts';
import { type Step, secondsSince } from './stage.ts';

const data = '/var/lib/postgresql/liaison';

/**
 * The machine with the database's primary is gone: the copy becomes the primary, the description says so with a higher epoch,
 * and is deployed. The machine then returns: its data is refused, and once removed copied anew.
 */
export const primaryLost: Step = async ({ site, edges, members, stream, pages, say }) => {
  await until(() => isStreaming(site), 'the copy follows the primary', 120_000);
  const { primary, standby = primary, epoch } = site.wanted;
  const [lost, other] = [site.nodes[primary], site.nodes[standby]];
  const [edge, member] = [edges[standby], members[0]];
  if (lost === undefined || other === undefined || edge === undefined || member === undefined)
    throw new Error('there is no copy');
  const begun = performance.now();
  const acknowledged = stream.acknowledged();
  await site.lose(lost);
  const [copy] = await site.healthy('postgres-standby');
  if (copy === undefined) throw new Error('the copy is not healthy');
  await inDatabase(copy, ['pg_ctl', 'promote', '--pgdata', data]);
  // Three managers less one decide once they have a leader again.
  await until(
    async () => {
      await site.deploy({ primary: standby, standby: primary, epoch: epoch + 1 });
      return true;
    },
    'the new description is deployed',
    120_000,
  );
  await until(
    async () => stream.acknowledged() > acknowledged + 5,
    'messages are acknowledged again',
    180_000,
  );
  const again = secondsSince(begun);
  const silent = stream.longestGap(begun);
  say(`primary lost: messages are acknowledged again after ${again.toFixed(1)} s`);

  const known = stream.texts();
  const kept = new Set(await readAll(edge, stream.conversationId, member));
  const gone = known.filter((text) => !kept.has(text));
  say(`of ${known.length} acknowledged messages ${gone.length} were not on the copy yet`);
  stream.forget(gone);

  const returning = performance.now();
  await site.regain(lost);
  await allReachable(site.manager(), 180_000);
  const refused = await refusal(site, lost.name);
  say(`the old primary is back: ${refused}`);
  await removeOldData(site, primary);
  await until(() => isStreaming(site), 'the old primary follows as a fresh copy', 240_000, 1000);
  await site.whole(180_000);
  say(`and follows as a fresh copy after ${secondsSince(returning).toFixed(1)} s`);
  await until(async () => pages.areLive(), 'every page is connected', 60_000);
  return [
    atMost('primary lost: messages are acknowledged again', 's', again, 60),
    atMost('primary lost: longest without an acknowledged message', 's', silent),
    atMost(
      `primary lost: acknowledged messages that were not on the copy yet, of ${known.length}`,
      '',
      gone.length,
    ),
    atMost(
      'old primary back, refused, its data removed: follows as a fresh copy',
      's',
      secondsSince(returning),
    ),
  ];
};

/** Whether the copy has what the primary has, as it is written. */
export async function isStreaming(site: SiteLab): Promise<boolean> {
  const [primary] = await site.healthy('postgres');
  if (primary === undefined) return false;
  const password = '"$(cat /run/secrets/postgres-password)"';
  const query = "select state from pg_stat_replication where application_name = 'standby'";
  const script = `PGPASSWORD=${password} psql -h 127.0.0.1 -U postgres -d liaison -Atc "${query}"`;
  return (await inDatabase(primary, ['bash', '-c', script])) === 'streaming';
}

const inDatabase = ({ engine, id }: RunningContainer, command: readonly string[]): Promise<string> =>
  engine.docker(['exec', id, ...command]);

/** What the start of PostgreSQL says on a node whose data was a primary's. */
async function refusal(site: SiteLab, node: string): Promise<string> {
  let said = '';
  await until(
    async () => {
      const service = site.serviceName('postgres-standby');
      const logs = await site
        .manager()
        .docker(['service', 'logs', '--raw', '--tail', '50', service], { complaintsToo: true });
      said = /liaison: (the data of this node was a primary's)/.exec(logs)?.[1] ?? '';
      return said !== '';
    },
    `the data of ${node} is refused`,
    120_000,
    1000,
  );
  return said;
}

/** As the operator is told: no container of it may be there for that. */
async function removeOldData(site: SiteLab, at: number): Promise<void> {
  const node = site.nodes[at];
  const volume = 'lab-eu_postgres';
  await until(
    async () => {
      const left = await node?.docker(['ps', '--all', '--quiet', '--filter', `volume=${volume}`]);
      const ids = left?.split('\n').filter(Boolean) ?? [];
      if (ids.length > 0) await node?.docker(['rm', '--force', ...ids]);
      await node?.docker(['volume', 'rm', volume]);
      return true;
    },
    'the old data is removed',
    60_000,
    50,
  );
}
