import { notFound } from '@liaison/core/contract';
import { browserName } from '../../contract/browser-name.ts';
import {
  listSessions,
  revokeOtherSessions,
  revokeSession,
  revokeSessionsOfPerson,
} from '../../contract/index.ts';
import { personFor } from '../access.ts';
import { endSessions } from '../actions/end-sessions.ts';
import type { Parts } from '../parts.ts';

export function registerSessionListRoutes(parts: Parts): void {
  const { core, accounts } = parts;

  core.http.route(listSessions, async ({ actor }) => ({
    sessions: (await accounts.sessions(actor.personId)).map((row) => ({
      id: row.id,
      current: row.id === actor.sessionId,
      ...browserName(row.userAgent),
      ip: row.ip,
      signedInAt: row.signedInAt.toISOString(),
      lastSeenAt: row.lastSeenAt.toISOString(),
    })),
  }));

  core.http.route(revokeSession, async ({ actor, params, ip }) => {
    const ended = await endSessions(parts, actor, { id: params.id }, { ip });
    if (ended.length === 0) throw notFound('This session');
    return undefined;
  });

  core.http.route(revokeOtherSessions, async ({ actor, ip }) => ({
    revoked: (await endSessions(parts, actor, { except: actor.sessionId }, { ip })).length,
  }));

  core.http.route(revokeSessionsOfPerson, async ({ actor, params, ip }) => {
    await core.db.read(actor.orgId, (tx) => personFor(tx, actor, params.id, 'manage'));
    const person = { orgId: actor.orgId, personId: params.id };
    return { revoked: (await endSessions(parts, person, {}, { ip })).length };
  });
}
