import { invalid, notFound } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { isId } from '@liaison/core/ids';
import {
  findFreeExtension,
  type Invitation,
  invite,
  listInvitations,
  renewInvitation as renewRoute,
  revokeInvitation as revokeRoute,
} from '../../contract/index.ts';
import { requireAdministrator } from '../access.ts';
import { invitePerson } from '../actions/invite-person.ts';
import { renewInvitation } from '../actions/renew-invitation.ts';
import { revokeInvitation } from '../actions/revoke-invitation.ts';
import type { Request } from '../auth/exchange.ts';
import type { Parts } from '../parts.ts';
import { findSummaries } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';

/** Where the page behind an invitation lies. The token is in the fragment: no log of any proxy sees it. */
export function invitationLinks({ core }: Parts, request: Request, token: string) {
  const origin = core.http.originElsewhere(request.raw);
  return {
    link: `${core.http.originOf(request.raw)}/join#${token}`,
    elsewhere: origin && `${origin}/join#${token}`,
  };
}

export function registerInvitationRoutes(parts: Parts): void {
  const { core } = parts;

  core.http.route(invite, async ({ actor, body, request }) =>
    core.db.transaction(actor.orgId, async (tx) => {
      const { invitationId, token } = await invitePerson(parts, tx, actor, body);
      return {
        invitation: await findInvitation(tx, invitationId),
        ...invitationLinks(parts, request, token),
      };
    }),
  );

  core.http.route(renewRoute, async ({ actor, params, request }) =>
    core.db.transaction(actor.orgId, async (tx) => {
      const { invitationId, token } = await renewInvitation(parts, tx, actor, params.id);
      return {
        invitation: await findInvitation(tx, invitationId),
        ...invitationLinks(parts, request, token),
      };
    }),
  );

  core.http.route(findFreeExtension, ({ actor }) =>
    core.db.read(actor.orgId, async (tx) => {
      requireAdministrator(actor);
      return { extension: await core.names.freeExtension(tx) };
    }),
  );

  core.http.route(listInvitations, async ({ actor, query }) =>
    core.db.read(actor.orgId, async (tx) => {
      requireAdministrator(actor);
      if (query.cursor !== undefined && !isId(query.cursor))
        throw invalid('This page mark is not one of ours.');
      const page = await findInvitations(tx, { ...query, limit: query.limit + 1 });
      const rows = page.slice(0, query.limit);
      return { rows, next: page.length > query.limit ? (rows.at(-1)?.id ?? null) : null };
    }),
  );

  core.http.route(revokeRoute, async ({ actor, params }) => {
    await core.db.transaction(actor.orgId, (tx) => revokeInvitation(parts, tx, actor, params.id));
    return undefined;
  });
}

async function findInvitation(tx: Tx, id: string): Promise<Invitation> {
  const [invitation] = await findInvitations(tx, { id, state: 'all', limit: 1 });
  if (!invitation) throw notFound('This invitation');
  return invitation;
}

async function findInvitations(
  tx: Tx,
  query: { id?: string; cursor?: string | undefined; state: 'open' | 'all'; limit: number },
): Promise<Invitation[]> {
  let select = tx
    .as<PeopleTables>()
    .selectFrom('people.invitation')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(query.limit);
  if (query.id) select = select.where('id', '=', query.id);
  if (query.cursor) select = select.where('id', '<', query.cursor);
  if (query.state === 'open')
    select = select.where('accepted_at', 'is', null).where('revoked_at', 'is', null);
  const rows = await select.execute();
  const people = await findSummaries(
    tx,
    rows.map((row) => row.person_id),
  );
  return rows.flatMap((row): Invitation[] => {
    const person = people.get(row.person_id);
    if (!person) return [];
    return [
      {
        id: row.id,
        purpose: row.purpose,
        person,
        invitedBy: row.created_by,
        createdAt: row.created_at.toISOString(),
        expiresAt: row.expires_at.toISOString(),
        state: row.accepted_at
          ? 'accepted'
          : row.revoked_at
            ? 'revoked'
            : row.expires_at.getTime() < Date.now()
              ? 'expired'
              : 'open',
      },
    ];
  });
}
