import { notFound } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { SignedIn } from '../../contract/index.ts';
import { findOrganisation, personalSpaceOf, wholePerson } from '../queries.ts';

/** What the shell starts with. */
export async function signedInState(
  tx: Tx,
  session: { personId: string; sessionId: string },
): Promise<SignedIn> {
  const person = await wholePerson(tx, session.personId);
  const personalSpaceId = await personalSpaceOf(tx, session.personId);
  if (!personalSpaceId) throw notFound('This person');
  return {
    state: 'signed-in',
    sessionId: session.sessionId,
    person,
    personalSpaceId,
    organisation: await findOrganisation(tx),
  };
}
