import { Problem } from '@liaison/core/contract';
import {
  getSession,
  giveSecondFactor,
  passkeySignInOptions,
  type SessionState,
  signIn,
  signInWithPasskey,
  signOut,
} from '../../contract/index.ts';
import { endSessions } from '../actions/end-sessions.ts';
import { makeKnown } from '../auth/known-browser.ts';
import { mayHavePasskeys, originOf } from '../auth/library.ts';
import {
  clearCookies,
  requireAccepted,
  setCookies,
  signInAgain,
  signInWithPassword,
} from '../auth/sign-in.ts';
import type { Parts } from '../parts.ts';
import { findOrganisation, wholePerson } from '../queries.ts';
import { signedInState } from './answers.ts';

export const passkeyNeedsName = () =>
  new Problem(
    409,
    'passkey-needs-name',
    'Passkeys belong to a name: open this page under its name, not under a number.',
  );

export function registerSessionRoutes(parts: Parts): void {
  const { core, across, library, secondFactor, guessing, authenticator } = parts;

  core.http.route(getSession, async ({ request, reply }): Promise<SessionState> => {
    const who = await authenticator.whoSends(request.headers);
    if (!who) return { state: (await across.countOrganisations()) === 0 ? 'setup' : 'signed-out' };
    const { actor, limited } = who;
    // Prolongs the session, and its cookie with it.
    setCookies(reply, (await library.call(request, '/get-session', { method: 'GET' })).cookies);
    return core.db.read(actor.orgId, async (tx): Promise<SessionState> => {
      if (!limited) return signedInState(tx, actor);
      const { name, address } = await wholePerson(tx, actor.personId);
      const organisation = await findOrganisation(tx);
      return { state: 'second-factor-required', name, address, organisationName: organisation.name };
    });
  });

  core.http.route(signIn, async ({ body, request, reply }) => ({
    next: await signInWithPassword(parts, request, reply, body),
  }));

  core.http.route(giveSecondFactor, async ({ body, request, reply }) => {
    const personId = await secondFactor.personOfChallenge(request.headers.cookie);
    if (!personId) throw signInAgain();
    const wrongCode = () => new Problem(401, 'wrong-code', 'This code is not right, or was used already.');
    const attempt = guessing.begin({ target: `code:${personId}`, ip: request.ip });
    const totp = body.kind === 'totp';
    const code = totp ? body.code.replace(/\s/g, '') : body.code;
    if (totp && !/^\d{6}$/.test(code)) throw wrongCode();
    const answer = await library.call(
      request,
      totp ? '/two-factor/verify-totp' : '/two-factor/verify-backup-code',
      {
        body: { code, trustDevice: body.trustBrowser },
      },
    );
    requireAccepted(parts, answer, wrongCode);
    if (totp && !(await secondFactor.spend(personId, code))) {
      await library.query('delete from session where token = $1', [String(answer.body.token)]);
      throw wrongCode();
    }
    attempt.succeeded();
    const user = answer.body.user as { email?: unknown } | undefined;
    setCookies(reply, [
      ...answer.cookies,
      makeKnown(core.secrets, String(user?.email ?? ''), originOf(core.http, request).secure),
    ]);
    return { next: 'done' as const };
  });

  core.http.route(passkeySignInOptions, async ({ request, reply }) => {
    if (!mayHavePasskeys(originOf(core.http, request))) throw passkeyNeedsName();
    const answer = await library.call(request, '/passkey/generate-authenticate-options', { method: 'GET' });
    requireAccepted(parts, answer, signInAgain);
    setCookies(reply, answer.cookies);
    return { options: answer.body };
  });

  core.http.route(signInWithPasskey, async ({ body, request, reply }) => {
    // Not slowed: a passkey cannot be guessed, and a whole office may stand behind one address.
    const answer = await library.call(request, '/passkey/verify-authentication', { body });
    requireAccepted(
      parts,
      answer,
      () => new Problem(401, 'wrong-passkey', 'This passkey is not known here, or it took too long.'),
    );
    setCookies(reply, answer.cookies);
    return { next: 'done' as const };
  });

  core.http.route(signOut, async ({ request, reply }) => {
    const who = await authenticator.whoSends(request.headers);
    clearCookies(core.http, request, reply);
    if (who) await endSessions(parts, who.actor, { id: who.actor.sessionId });
    return undefined;
  });
}
