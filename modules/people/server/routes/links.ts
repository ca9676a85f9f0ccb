import { notFound } from '@liaison/core/contract';
import { hashToken } from '@liaison/core/secrets';
import { acceptInvitation as acceptRoute, checkSetUp, openInvitation, setUp } from '../../contract/index.ts';
import { acceptInvitation } from '../actions/accept-invitation.ts';
import { requireNoOrganisation, setUp as setUpOrganisation } from '../actions/set-up.ts';
import type { Reply, Request } from '../auth/exchange.ts';
import { requireAccepted, setCookies, signInAgain } from '../auth/sign-in.ts';
import type { Parts } from '../parts.ts';
import { findOrganisation, findSummaries } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';
import { signedInState } from './answers.ts';

/** What is done with a one-time link, before anybody is signed in. Tokens have 256 bits: guessing needs no slowing. */
export function registerLinkRoutes(parts: Parts): void {
  const { core, across, library, setupLinks } = parts;

  /** Signs in with what was just set, and answers what the shell starts with. */
  async function signInNow(
    request: Request,
    reply: Reply,
    { address, password }: { address: string; password: string },
  ) {
    const answer = await library.call(request, '/sign-in/email', { body: { email: address, password } });
    requireAccepted(parts, answer, signInAgain);
    setCookies(reply, answer.cookies);
    const [session] = await library.query<{ id: string; person_id: string }>(
      'select id, "userId" as person_id from session where token = $1',
      [String(answer.body.token)],
    );
    const standing = session && (await across.standingOf([session.person_id])).get(session.person_id);
    if (!session || !standing) throw signInAgain();
    return core.db.read(standing.orgId, (tx) =>
      signedInState(tx, { personId: session.person_id, sessionId: session.id }),
    );
  }

  core.http.route(checkSetUp, async ({ body }) => {
    await requireNoOrganisation(parts);
    if (!(await setupLinks.isOpen(body.token))) throw notFound('This link');
    return { ok: true as const };
  });

  core.http.route(setUp, async ({ body, request, reply }) => {
    await setUpOrganisation(parts, body);
    return signInNow(request, reply, body.owner);
  });

  core.http.route(openInvitation, async ({ body }) => {
    const link = await across.openInvitation(hashToken(body.token));
    if (!link) throw notFound('This invitation');
    return core.db.read(link.orgId, async (tx) => {
      const invitation = await tx
        .as<PeopleTables>()
        .selectFrom('people.invitation')
        .select(['purpose', 'created_by', 'expires_at'])
        .where('id', '=', link.id)
        .executeTakeFirstOrThrow();
      const people = await findSummaries(tx, [
        link.personId,
        ...(invitation.created_by ? [invitation.created_by] : []),
      ]);
      const person = people.get(link.personId);
      if (!person) throw notFound('This invitation');
      const organisation = await findOrganisation(tx);
      return {
        purpose: invitation.purpose,
        organisationName: organisation.name,
        name: person.name,
        address: person.address,
        // Whoever was given the organisation's usual language was not asked for hers.
        language:
          invitation.purpose === 'join' && person.language === organisation.languages[0]
            ? null
            : person.language,
        timeZone: person.timeZone,
        invitedBy: people.get(invitation.created_by ?? '')?.name ?? null,
        expiresAt: invitation.expires_at.toISOString(),
      };
    });
  });

  core.http.route(acceptRoute, async ({ body, request, reply }) => {
    const { address } = await acceptInvitation(parts, body);
    return signInNow(request, reply, { address, password: body.password });
  });
}
