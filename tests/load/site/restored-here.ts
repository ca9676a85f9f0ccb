import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost } from '../measure/report.ts';
import { logIsShipped, shippedAfterMs } from './restored.ts';
import { readAll } from './site-client.ts';
import { forgetDatabase, until } from './site-lab.ts';
import { type Stage, type Step, secondsSince } from './stage.ts';

/** What `docs/operations/backups.md` promises: a total loss costs less. */
const promisedSeconds = 60;

/**
 * The database of the site is lost with its copy, while people write; it comes back from the backups by one command, into the site
 * itself. What was acknowledged before the end of the log that the plan names is there; what came between that and the loss is less
 * than is promised.
 */
export const restoredHere: Step = async (stage) => {
  const { site, stream, say } = stage;
  await logIsShipped(site.backups.place);
  // The next piece is nearly due: a loss costs the most then.
  await sleep(15_000);
  const lost = performance.now();
  say('the database and its copy are lost');
  await loseDatabase(stage);
  // Until it had ended it went on acknowledging.
  const said = stream.texts();
  const identity = join(dirname(dirname(site.backups.place)), 'identity');
  await writeFile(identity, `${site.backups.identity}\n`, { mode: 0o600 });
  const begun = performance.now();
  const words = ['site', 'restore', 'SITE', '--identity', identity, '--replace', '--yes'];
  const done = await site.liaison(...words).then(
    (text) => ({ text, fault: undefined }),
    (fault: Error) => ({ text: fault.message, fault }),
  );
  const seconds = secondsSince(begun);
  for (const line of done.text.split('\n').slice(-30)) say(`  ${line}`);
  // Also where the command complained in the end: what people said is looked for in whatever runs.
  const { missing, shipped, cost } = await compareWithShipped(stage, { text: done.text, said });
  if (done.fault !== undefined) throw done.fault;
  await site.whole(180_000);
  say(
    `restored into the site in ${seconds.toFixed(1)} s: of ${shipped} shipped messages ${missing} are missing`,
  );
  return [
    atMost('database lost: site restore, from the command to its end', 's', seconds),
    atMost('database lost: longest without an acknowledged message', 's', stream.longestGap(lost)),
    atMost(
      `database lost: acknowledged and shipped messages that are missing, of ${shipped}`,
      '',
      missing,
      0,
    ),
    atMost('database lost: acknowledged before it and not restored (RPO)', 's', cost, promisedSeconds),
  ];
};

/** Its services end, and what they kept goes from every node. */
async function loseDatabase({ site }: Stage): Promise<void> {
  const services = ['postgres', 'postgres-standby'].map(site.serviceName);
  await site.manager().docker(['service', 'rm', ...services]);
  for (const node of site.nodes) await forgetDatabase(site, node);
}

/**
 * What is missing of what was acknowledged before the log ended that was restored, and how many seconds before the loss the oldest
 * was said that is not there. What is not there is looked for no more.
 */
async function compareWithShipped(
  { stream, edges, members, say }: Stage,
  { text, said }: { text: string; said: readonly string[] },
): Promise<{ missing: number; shipped: number; cost: number }> {
  const [member] = members;
  const [edge] = edges;
  const logEnd = Date.parse(/pieces of log until (\S+)/.exec(text)?.[1] ?? '');
  if (member === undefined || edge === undefined) throw new Error('nobody can ask');
  if (Number.isNaN(logEnd)) throw new Error(`the plan names no end of the log: ${text}`);
  const lostAt = stream.momentOf(said.at(-1) ?? '') ?? 0;
  const before = stream.acknowledged();
  await until(async () => stream.acknowledged() > before, 'people write again', 120_000);
  const there = new Set(await readAll(edge, stream.conversationId, member));
  const late = said.filter((one) => !there.has(one));
  const shipped = stream.texts(logEnd - shippedAfterMs);
  const missing = shipped.filter((one) => !there.has(one)).length;
  const oldest = Math.min(lostAt, ...late.map((one) => stream.momentOf(one) ?? lostAt));
  const cost = (lostAt - oldest) / 1000;
  say(
    `of ${said.length} acknowledged before the loss ${late.length} are not there, the oldest of ${cost.toFixed(1)} s before it; the log ended ${((lostAt - logEnd) / 1000).toFixed(1)} s before it, and of the ${shipped.length} until then ${missing} are missing`,
  );
  stream.forget(late);
  return { missing, shipped: shipped.length, cost };
}
