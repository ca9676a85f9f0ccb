import type { Db } from '../db/index.ts';
import type { Core, Service } from '../floor/core.ts';
import { organisationsWithEnds } from './across-organisations.ts';
import { grantChanged } from './spaces.ts';

/** So often is looked; with what reacts, a right that ended is gone from everywhere within 5 s. */
const everyMs = 2000;
/** Told in one transaction, whose events wait for each other. */
const mostAtOnce = 200;

/**
 * Tells of grants whose `until` has passed, as of any that was taken back: answers about rights need nobody's help for it, but open
 * pages and what modules keep would not hear. Runs in several processes; each end is told once.
 */
export function createEndsOfGrants({ db, outbox, log }: Pick<Core, 'db' | 'outbox' | 'log'>): Service & {
  /** Once, now. */
  tell(): Promise<void>;
} {
  async function tell(): Promise<void> {
    for (const orgId of await organisationsWithEnds(db)) {
      while ((await tellOf(db, outbox.emit, orgId)) === mostAtOnce);
    }
  }
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> | undefined;
  return {
    name: 'core.ends-of-grants',
    tell,
    async start() {
      timer = setInterval(() => {
        telling ??= tell()
          .catch((error: unknown) =>
            log.warn({ err: error }, 'ends of grants could not be told; trying again'),
          )
          .finally(() => {
            telling = undefined;
          });
      }, everyMs);
    },
    async stop() {
      clearInterval(timer);
      await telling;
    },
  };
}

const tellOf = (db: Db, emit: Core['outbox']['emit'], orgId: string): Promise<number> =>
  db.transaction(orgId, async (tx) => {
    const ended = await tx.query<{ id: string; space_id: string }>(
      `update core.grant g set told_until = g.until where g.id in (
         select id from core.grant
         where org_id = $1 and until is not null and told_until is distinct from until and until <= now()
         order by id limit $2 for update skip locked)
       returning g.id, g.space_id`,
      [orgId, mostAtOnce],
    );
    for (const { id, space_id: spaceId } of ended) emit(tx, grantChanged, { spaceId, grantId: id });
    return ended.length;
  });
