import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { atMost } from '../measure/report.ts';
import { compare } from '../measure/restored.ts';
import { logIsShipped } from './restored.ts';
import { readAll } from './site-client.ts';
import { until } from './site-lab.ts';
import { type Step, secondsSince } from './stage.ts';

/**
 * The database of the site is lost with its copy, while people write; it comes back from the backups by one command, into the site
 * itself. What was acknowledged before its log was shipped is there, and what came in the last seconds before the loss is counted.
 */
export const restoredHere: Step = async (stage) => {
  const { site, stream, edges, members, say } = stage;
  const [member] = members;
  const [edge] = edges;
  if (member === undefined || edge === undefined) throw new Error('nobody can ask');
  const shipped = stream.texts();
  await logIsShipped(site.backups.place);
  const said = stream.texts();
  say('the database and its copy are lost');
  const services = ['postgres', 'postgres-standby'].map(site.serviceName);
  await site.manager().docker(['service', 'rm', ...services]);
  const volume = site.serviceName('postgres');
  for (const node of site.nodes) {
    await until(
      async () => {
        const left = await node.docker(['ps', '--all', '--quiet', '--filter', `volume=${volume}`]);
        if (left.trim() !== '') await node.docker(['rm', '--force', ...left.trim().split('\n')]);
        await node.docker(['volume', 'rm', '--force', volume]);
        return (await node.docker(['volume', 'ls', '--quiet', '--filter', `name=${volume}`])) === '';
      },
      `nothing of the database is on ${node.name}`,
      60_000,
    );
  }
  const identity = join(dirname(dirname(site.backups.place)), 'identity');
  await writeFile(identity, `${site.backups.identity}\n`, { mode: 0o600 });
  const begun = performance.now();
  const lost = performance.now();
  const words = ['site', 'restore', 'SITE', '--identity', identity, '--replace', '--yes'];
  const text = await site.liaison(...words);
  const seconds = secondsSince(begun);
  for (const line of text.split('\n').slice(-30)) say(`  ${line}`);
  const before = stream.acknowledged();
  await until(async () => stream.acknowledged() > before, 'people write again', 120_000);
  const found = await readAll(edge, stream.conversationId, member);
  const { missing } = compare(shipped, found);
  const { missing: late } = compare(said, found);
  const there = new Set(found);
  stream.forget(said.filter((one) => !there.has(one)));
  await site.whole(180_000);
  say(
    `restored into the site in ${seconds.toFixed(1)} s: of ${shipped.length} shipped messages ${missing} are missing`,
  );
  return [
    atMost('database lost: site restore, from the command to its end', 's', seconds),
    atMost('database lost: longest without an acknowledged message', 's', stream.longestGap(lost)),
    atMost(
      `database lost: acknowledged and shipped messages that are missing, of ${shipped.length}`,
      '',
      missing,
      0,
    ),
    atMost('database lost: acknowledged and not yet shipped messages that are missing', '', late),
  ];
};
