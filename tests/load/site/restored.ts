import { atMost } from '../measure/report.ts';
import { compare, readConversation, restoreElsewhere, runLiaison } from '../measure/restored.ts';
import { until } from './site-lab.ts';
import { type Step, secondsSince } from './stage.ts';

/** Longer than it takes to store a piece of the log that has ended. */
export const shippedAfterMs = 3000;

/**
 * The whole site is lost but for its backups: they are restored into an installation of one machine, by somebody who has the identity.
 * What was acknowledged by now is there once its log has been shipped.
 */
export const restored: Step = async ({ site, stream, members, say }) => {
  const [member] = members;
  if (member === undefined) throw new Error('nobody can ask');
  const { place } = site.backups;
  const said = stream.texts();
  const begun = performance.now();
  await logIsShipped(place);
  const shipped = secondsSince(begun);
  const again = await restoreElsewhere(site.backups);
  try {
    const found = await readConversation(again.url, stream.conversationId, member.cookie);
    const { missing, doubled } = compare(said, found);
    say(
      `restored into an installation of its own in ${again.seconds.toFixed(1)} s: of ${said.length} messages ${missing} are missing`,
    );
    return [
      atMost('backup: what was acknowledged is in it', 's', shipped, 60),
      atMost('backup: restored into an installation of one machine', 's', again.seconds),
      atMost(`backup: acknowledged messages that it lacks, of ${said.length}`, '', missing, 0),
      atMost('backup: acknowledged messages that are there twice', '', doubled, 0),
    ];
  } finally {
    await again.close();
  }
};

/** Waits until what was acknowledged by now is in the log of the backups. */
export async function logIsShipped(place: string): Promise<void> {
  const asOf = Date.now();
  let listed = '';
  await until(
    async () => {
      listed = await runLiaison('/nonexistent', ['backups', place]);
      // A piece that is stored by then was open when the last of it was written. All clocks here are one.
      const ends = /^log up to (\S+),/m.exec(listed)?.[1];
      return ends !== undefined && Date.parse(ends) > asOf + shippedAfterMs;
    },
    () => `the log of everything that was acknowledged is in the backups (${listed})`,
    240_000,
    2000,
  );
}
