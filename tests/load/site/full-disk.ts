import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { atMost } from '../measure/report.ts';
import { isStreaming, query } from './failover.ts';
import { ask, readAll } from './site-client.ts';
import { forgetDatabase, until } from './site-lab.ts';
import { type Stage, type Step, secondsSince } from './stage.ts';

/** Room for the database, its log, and what fills the rest: it is this machine's memory. */
const smallDisk = '1200m';
/** From then on nobody has to mind it. */
const largeDisk = '8g';

/**
 * The disk of the database is full under people who write: first for its tables, then for its log too, without which PostgreSQL cannot
 * go on. Who writes is told why, who reads goes on as long as PostgreSQL does, and with room again everything goes on by itself.
 */
export const diskFull: Step = async (stage) => {
  const { site, edges, members, stream, say } = stage;
  const [edge] = edges;
  const [member] = members;
  if (edge === undefined || member === undefined) throw new Error('nobody can ask');
  const disk = await primaryOnSmallDisk(stage);
  const before = (await site.healthy('front')).map(({ id }) => id);

  const filled = performance.now();
  await disk.fill();
  let answer = '';
  await until(
    async () => {
      const { status, text } = await ask(edge, {
        method: 'POST',
        path: `/api/v1/chat/conversations/${stream.conversationId}/messages`,
        cookie: member.cookie,
        body: { clientKey: randomUUID(), body: 'more '.repeat(700) },
      });
      answer = `${status} ${text}`;
      return status === 503 && text.includes('"database-full"');
    },
    () => `who writes is told that the disk is full (not ${answer.slice(0, 300)})`,
  );
  const told = secondsSince(filled);
  const known = stream.texts();
  const there = new Set(await readAll(edge, stream.conversationId, member));
  const unread = known.filter((text) => !there.has(text)).length;
  if (unread > 0) throw new Error(`${unread} acknowledged messages are not read from a full disk`);
  const afterTables = await disk.empty();
  say(`a full disk was told after ${told.toFixed(1)} s, all was read; room: ${afterTables.toFixed(1)} s`);

  await disk.fill();
  const emit = "select pg_logical_emit_message(false, 'full', repeat('x', 15000000))";
  await until(
    async () => {
      const [primary] = await site.healthy('postgres');
      return (
        primary === undefined ||
        (await query(primary, emit).then(
          () => false,
          () => true,
        ))
      );
    },
    'PostgreSQL has no room for its log',
    120_000,
  );
  const afterLog = await disk.empty();
  await site.whole(180_000);
  const after = (await site.healthy('front')).map(({ id }) => id);
  const replaced = after.filter((id) => !before.includes(id)).length;
  say(`no room for the log: people write again ${afterLog.toFixed(1)} s after there was room`);
  await disk.enlarge();
  return [
    atMost('database disk full: who writes is told so', 's', told),
    atMost('database disk full: acknowledged messages that nobody can read', '', unread, 0),
    atMost('room on it again: a message is acknowledged', 's', afterTables, 30),
    atMost('no room for its log, and room again: a message is acknowledged', 's', afterLog, 60),
    atMost('database disk full: processes that were replaced', '', replaced, 0),
  ];
};

interface Disk {
  fill(): Promise<void>;
  /** Answers after how many seconds somebody could write. */
  empty(): Promise<number>;
  enlarge(): Promise<void>;
}

/** The copy is made anew on a disk of its own, and becomes the primary. */
async function primaryOnSmallDisk({ site, stream }: Stage): Promise<Disk> {
  await until(() => isStreaming(site), 'the copy follows the primary', 120_000);
  const node = site.nodes[site.wanted.standby ?? -1];
  if (node === undefined) throw new Error('there is no copy');
  const folder = join(await node.docker(['info', '--format', '{{.DockerRootDir}}']), 'small');
  const copy = site.serviceName('postgres-standby');
  await site.manager().docker(['service', 'scale', `${copy}=0`]);
  await forgetDatabase(site, node);
  await node.inside(['mkdir', '-p', folder]);
  // As PostgreSQL's image has its user.
  const options = `size=${smallDisk},mode=700,uid=999,gid=999`;
  await node.inside(['mount', '-t', 'tmpfs', '-o', options, 'none', folder]);
  await node.docker([
    ...['volume', 'create', '--driver', 'local', '--opt', 'type=none', '--opt', 'o=bind'],
    ...['--opt', `device=${folder}`, site.serviceName('postgres')],
  ]);
  await site.manager().docker(['service', 'scale', `${copy}=1`], { timeoutMs: 240_000 });
  await until(() => isStreaming(site), 'the copy on the small disk follows', 240_000, 500);
  await site.whole(120_000);
  await site.liaison('failover', 'SITE', '--yes');
  await site.whole(120_000);
  const others = join(folder, 'others');
  return {
    // To the last byte, whatever PostgreSQL takes of it meanwhile.
    fill: async () =>
      void (await node.inside(['bash', '-c', `dd if=/dev/zero of=${others} bs=64k 2>/dev/null || true`])),
    async empty() {
      const acknowledged = stream.acknowledged();
      const begun = performance.now();
      await node.inside(['rm', others]);
      await until(async () => stream.acknowledged() > acknowledged, 'a message is acknowledged again');
      return secondsSince(begun);
    },
    enlarge: async () => void (await node.inside(['mount', '-o', `remount,size=${largeDisk}`, folder])),
  };
}
