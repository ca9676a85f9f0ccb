import { notFound } from '@liaison/core/contract';
import { hashToken } from '@liaison/core/secrets';
import type { Language } from '../../contract/index.ts';
import { requireStrongPassword } from '../auth/password-strength.ts';
import type { Parts } from '../parts.ts';
import { indexPerson, sortNameOf, tellChanged } from '../person-rows.ts';
import { findOrganisation } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';
import { sessionsEnded } from './end-sessions.ts';

/**
 * Sets name and password of an invited person, who is active from then on. For somebody who starts again it also ends
 * her sessions and removes second factors: they are what was lost.
 *
 * @returns the person's address, to sign in with.
 * @throws Problem 404 for a link that does not work (any more), 400 `weak-password`.
 */
export async function acceptInvitation(
  parts: Parts,
  input: {
    token: string;
    name: string;
    password: string;
    language?: Language | undefined;
    timeZone?: string | undefined;
  },
): Promise<{ address: string }> {
  const { core, across, accounts } = parts;
  const link = await across.openInvitation(hashToken(input.token));
  if (!link) throw notFound('This invitation');
  const { address } = await core.db.read(link.orgId, async (tx) => {
    const person = await tx
      .as<PeopleTables>()
      .selectFrom('people.person')
      .select(['address'])
      .where('id', '=', link.personId)
      .executeTakeFirstOrThrow();
    const organisation = await findOrganisation(tx);
    requireStrongPassword(input.password, [input.name, person.address, organisation.name]);
    return person;
  });
  // The library's rows are in a transaction of their own. They come first: a password without an active person opens
  // nothing, and the next try with the same link sets it again.
  await accounts.open({ id: link.personId, address, name: input.name }, input.password);
  const ended = await core.db.transaction(link.orgId, async (tx) => {
    const db = tx.as<PeopleTables>();
    const taken = await db
      .updateTable('people.invitation')
      .set({ accepted_at: new Date() })
      .where('id', '=', link.id)
      .where('accepted_at', 'is', null)
      .where('revoked_at', 'is', null)
      .returning('purpose')
      .executeTakeFirst();
    if (!taken) throw notFound('This invitation');
    await db
      .updateTable('people.person')
      .set({
        name: input.name,
        sort_name: sortNameOf(input.name),
        status: 'active',
        ...(taken.purpose === 'join' ? { joined_at: new Date() } : {}),
        ...(input.language ? { language: input.language } : {}),
        ...(input.timeZone ? { time_zone: input.timeZone } : {}),
      })
      .where('id', '=', link.personId)
      .where('status', 'in', ['invited', 'active'])
      .execute();
    await indexPerson(tx, link.personId);
    await tellChanged(core, tx, link.personId);
    await core.audit.record(tx, {
      action: 'people.invitation-accepted',
      subjectId: link.personId,
      personId: link.personId,
      details: { purpose: taken.purpose },
    });
    if (taken.purpose === 'join') return [];
    await accounts.removeSecondFactors(link.personId);
    const ids = await accounts.endSessions(link.personId, {});
    await sessionsEnded(parts, tx, link.personId, ids);
    return ids;
  });
  parts.authenticator.forget([link.personId]);
  for (const sessionId of ended) core.live.cut({ sessionId });
  return { address };
}
