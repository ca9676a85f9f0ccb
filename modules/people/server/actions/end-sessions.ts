import type { Tx } from '@liaison/core/db';
import { sessionRevoked } from '../../contract/index.ts';
import type { Parts } from '../parts.ts';
import { personalSpaceOf } from '../queries.ts';

/** Tells of ended sessions in the person's own space. */
export async function sessionsEnded(
  { core }: Pick<Parts, 'core'>,
  tx: Tx,
  personId: string,
  sessionIds: readonly string[],
): Promise<void> {
  const personalSpaceId = await personalSpaceOf(tx, personId);
  if (!personalSpaceId) return;
  for (const sessionId of sessionIds) {
    core.outbox.emit(tx, sessionRevoked, { personalSpaceId, personId, sessionId });
  }
}

/**
 * Ends sessions of a person: one, all, or all but one. They are refused from now on, and their sockets cut in every
 * process. Whether the actor may is asked before.
 *
 * @returns the ids of those that were ended.
 */
export async function endSessions(
  parts: Parts,
  person: { orgId: string; personId: string },
  which: { id?: string; except?: string },
  /** Who did it, when it is worth keeping. */
  audit?: { ip: string },
): Promise<string[]> {
  const { core, accounts, authenticator } = parts;
  // The session's row first: when this process dies after it, the session is gone all the same.
  const ended = await accounts.endSessions(person.personId, which);
  authenticator.forget([person.personId]);
  for (const sessionId of ended) core.live.cut({ sessionId });
  if (ended.length > 0) {
    await core.db.transaction(person.orgId, async (tx) => {
      await sessionsEnded(parts, tx, person.personId, ended);
      if (audit) {
        await core.audit.record(tx, {
          action: 'people.sessions-revoked',
          subjectId: person.personId,
          ip: audit.ip,
          details: { count: ended.length },
        });
      }
    });
  }
  return ended;
}

/**
 * Sessions that expired are told like those that somebody ended: what was given to their browsers ends with them. The reaction to
 * it deletes them, so that none is told twice for long.
 */
export async function endLapsedSessions(parts: Pick<Parts, 'core' | 'accounts' | 'across'>): Promise<void> {
  const { core, accounts, across } = parts;
  const lapsed = await accounts.lapsedSessions();
  const standings = await across.standingOf([...new Set(lapsed.map(({ personId }) => personId))]);
  const byPerson = Map.groupBy(lapsed, ({ personId }) => personId);
  for (const [personId, sessions] of byPerson) {
    const standing = standings.get(personId);
    if (!standing) continue;
    await core.db.transaction(standing.orgId, (tx) =>
      sessionsEnded(
        parts,
        tx,
        personId,
        sessions.map(({ id }) => id),
      ),
    );
  }
}
