import { type ContentRead, type ContentSource, followContent, readAllContent } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import type { Core, Service } from '@liaison/core/floor';
import { defineJob } from '@liaison/core/jobs';
import { reactTo } from '@liaison/core/outbox';
import { countryOfZone, organisationChanged, type People } from '@liaison/people';
import { z } from 'zod';
import { organisationsToRead } from './across-organisations.ts';

/** Raised when numbers are found in another way: all texts are read anew. */
export const findingVersion = 2;

const follower = 'reach.numbers';

export const readNumbersJob = defineJob({
  name: 'reach.read-numbers',
  payload: z.object({ orgId: z.uuid() }),
});

/** Follows what is written, and reads what was written before anybody followed it, or in another form. */
export function createReading(
  core: Core,
  people: Pick<People, 'organisation'>,
  sources: readonly ContentSource[],
  keep: (tx: Tx, read: ContentRead) => Promise<void>,
): Service {
  const { db, jobs, outbox } = core;
  const versionOf = ({ version }: ContentSource): string => `${findingVersion}.${version}`;

  followContent(core, follower, sources, keep);

  jobs.handle(readNumbersJob, async ({ orgId }, { signal }) => {
    const country = countryOfZone((await db.read(orgId, (tx) => people.organisation(tx))).timeZone);
    for (const source of sources) {
      if (signal.aborted) return;
      const version = versionOf(source);
      const [begun] = await db.read(orgId, (tx) =>
        tx.query<{ reached: string | null; done: boolean }>(
          `select reached, done from reach.number_reading
           where org_id = $1 and kind = $2 and version = $3 and country is not distinct from $4`,
          [orgId, source.kind, version, country],
        ),
      );
      if (begun?.done) continue;
      const note = (tx: Tx, reached: string | null, done: boolean) =>
        tx.query(
          `insert into reach.number_reading (org_id, kind, version, country, reached, done)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (org_id, kind) do update set version = $3, country = $4, reached = $5, done = $6`,
          [orgId, source.kind, version, country, reached, done],
        );
      await readAllContent(db, follower, orgId, source, keep, {
        after: begun?.reached ?? null,
        reached: async (tx, id) => void (await note(tx, id, false)),
        signal,
      });
      if (!signal.aborted) await db.transaction(orgId, (tx) => note(tx, null, true));
    }
  });

  const readLater = (orgId: string): Promise<void> =>
    jobs.add(readNumbersJob, { orgId }, { key: `${follower} ${orgId}` });

  // In another country numbers without one are others: the job looks whether it is another.
  outbox.react(reactTo('reach.read-numbers-anew', organisationChanged, ({ orgId }) => readLater(orgId)));

  return {
    name: 'reach.number-reading',
    async start() {
      const wanted = sources.map((source) => ({ kind: source.kind, version: versionOf(source) }));
      for (const orgId of await organisationsToRead(db, wanted)) await readLater(orgId);
    },
    stop: async () => {},
  };
}
