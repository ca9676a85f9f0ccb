import { notFound, Problem } from '@liaison/core/contract';
import {
  addPasskey,
  beginTotp,
  changePassword,
  confirmTotp,
  disableTotp,
  getSecurity,
  passkeyRegistrationOptions,
  removePasskey,
  renamePasskey,
  renewRecoveryCodes,
} from '../../contract/index.ts';
import { endSessions } from '../actions/end-sessions.ts';
import type { SignedInPerson } from '../auth/authenticator.ts';
import type { Request } from '../auth/exchange.ts';
import { mayHavePasskeys, originOf } from '../auth/library.ts';
import { requireStrongPassword } from '../auth/password-strength.ts';
import { requireAccepted, setCookies, signInAgain } from '../auth/sign-in.ts';
import type { Parts } from '../parts.ts';
import { findOrganisation, wholePerson } from '../queries.ts';
import { passkeyNeedsName } from './session.ts';

/**
 * How a person proves who she is. These routes find the session themselves, because they are what a session that still
 * lacks a second factor may use; see `second-factor-required`.
 */
export function registerSecurityRoutes(parts: Parts): void {
  const { core, accounts, secondFactor, library, guessing, authenticator } = parts;

  async function whoAsks(request: Request): Promise<SignedInPerson['actor']> {
    const who = await authenticator.whoSends(request.headers);
    if (!who) throw new Problem(401, 'signed-out', 'Sign in to do this.');
    return who.actor;
  }

  /** @throws Problem 401 `wrong-password`, 429 `too-many-tries`. */
  async function requirePassword(personId: string, password: string, ip: string): Promise<void> {
    // A signed-in browser counts as known: somebody else's guesses at the sign-in do not hold its owner up.
    const attempt = guessing.begin({ target: `password-again:${personId}`, ip, knownBrowser: 'signed-in' });
    if (!(await accounts.hasPassword(personId, password))) {
      throw new Problem(401, 'wrong-password', 'The password is not right.');
    }
    attempt.succeeded();
  }

  const record = (actor: SignedInPerson['actor'], action: `people.${string}`, ip: string) =>
    core.db.transaction(actor.orgId, (tx) =>
      core.audit.record(tx, { action, subjectId: actor.personId, personId: actor.personId, ip }),
    );

  const organisationOf = (orgId: string) => core.db.read(orgId, findOrganisation);

  /** @throws Problem 409 `second-factor-needed` where the last second factor would go and one is wanted. */
  async function requireAnotherFactor(actor: SignedInPerson['actor'], left: number): Promise<void> {
    if (left > 0 || !(await organisationOf(actor.orgId)).requireSecondFactor) return;
    throw new Problem(
      409,
      'second-factor-needed',
      'Your organisation wants a second factor: add another one before you remove this.',
    );
  }

  core.http.route(getSecurity, async ({ request }) => {
    const actor = await whoAsks(request);
    const totp = await secondFactor.isOn(actor.personId);
    return {
      hasPassword: true,
      totp,
      recoveryCodesLeft: totp ? await secondFactor.recoveryCodesLeft(actor.personId) : 0,
      passkeys: (await accounts.passkeys(actor.personId)).map((key) => ({
        ...key,
        createdAt: key.createdAt.toISOString(),
      })),
      secondFactorRequired: (await organisationOf(actor.orgId)).requireSecondFactor,
    };
  });

  core.http.route(changePassword, async ({ body, request, ip }) => {
    const actor = await whoAsks(request);
    await requirePassword(actor.personId, body.current, ip);
    const { person, organisation } = await core.db.read(actor.orgId, async (tx) => ({
      person: await wholePerson(tx, actor.personId),
      organisation: await findOrganisation(tx),
    }));
    requireStrongPassword(body.next, [person.name, person.address, organisation.name]);
    await accounts.setPassword(actor.personId, body.next);
    await endSessions(parts, actor, { except: actor.sessionId });
    await record(actor, 'people.password-changed', ip);
    return undefined;
  });

  core.http.route(beginTotp, async ({ body, request, ip }) => {
    const actor = await whoAsks(request);
    await requirePassword(actor.personId, body.password, ip);
    if (await secondFactor.isOn(actor.personId)) {
      throw new Problem(409, 'totp-is-on', 'An authenticator app is in use already.');
    }
    const answer = await library.call(request, '/two-factor/enable', {
      body: { password: body.password, method: 'totp' },
    });
    requireAccepted(parts, answer, signInAgain);
    const uri = String(answer.body.totpURI);
    return { uri, secret: new URL(uri).searchParams.get('secret') ?? '' };
  });

  core.http.route(confirmTotp, async ({ body, request, ip }) => {
    const actor = await whoAsks(request);
    const attempt = guessing.begin({ target: `code:${actor.personId}`, ip, knownBrowser: 'signed-in' });
    if (!(await secondFactor.confirm(actor.personId, body.code))) {
      throw new Problem(401, 'wrong-code', 'This code is not right.');
    }
    attempt.succeeded();
    await secondFactor.spend(actor.personId, body.code);
    authenticator.forget([actor.personId]);
    await record(actor, 'people.totp-enabled', ip);
    return { recoveryCodes: await secondFactor.recoveryCodes(actor.personId) };
  });

  core.http.route(disableTotp, async ({ body, request, ip }) => {
    const actor = await whoAsks(request);
    await requirePassword(actor.personId, body.password, ip);
    await requireAnotherFactor(actor, (await accounts.passkeys(actor.personId)).length);
    await secondFactor.disable(actor.personId);
    authenticator.forget([actor.personId]);
    await record(actor, 'people.totp-disabled', ip);
    return undefined;
  });

  core.http.route(renewRecoveryCodes, async ({ body, request, ip }) => {
    const actor = await whoAsks(request);
    await requirePassword(actor.personId, body.password, ip);
    if (!(await secondFactor.isOn(actor.personId))) {
      throw new Problem(409, 'no-totp', 'There is no authenticator app yet.');
    }
    const answer = await library.call(request, '/two-factor/generate-backup-codes', {
      body: { password: body.password },
    });
    requireAccepted(parts, answer, signInAgain);
    await record(actor, 'people.recovery-codes-renewed', ip);
    return { recoveryCodes: await secondFactor.recoveryCodes(actor.personId) };
  });

  core.http.route(passkeyRegistrationOptions, async ({ request, reply }) => {
    await whoAsks(request);
    if (!mayHavePasskeys(originOf(core.http, request))) throw passkeyNeedsName();
    const answer = await library.call(request, '/passkey/generate-register-options', { method: 'GET' });
    requireAccepted(parts, answer, signInAgain);
    setCookies(reply, answer.cookies);
    return { options: answer.body };
  });

  core.http.route(addPasskey, async ({ body, request, reply, ip }) => {
    const actor = await whoAsks(request);
    if ((await accounts.passkeys(actor.personId)).length >= 20) {
      throw new Problem(409, 'too-many-passkeys', 'Remove a passkey first: there are twenty.');
    }
    const answer = await library.call(request, '/passkey/verify-registration', {
      body: { response: body.response, name: body.name },
    });
    requireAccepted(
      parts,
      answer,
      () => new Problem(400, 'wrong-passkey', 'This passkey could not be verified, or it took too long.'),
    );
    setCookies(reply, answer.cookies);
    authenticator.forget([actor.personId]);
    await record(actor, 'people.passkey-added', ip);
    return { id: String(answer.body.id) };
  });

  core.http.route(renamePasskey, async ({ params, body, request }) => {
    const actor = await whoAsks(request);
    if (!(await accounts.renamePasskey(actor.personId, params.id, body.name))) throw notFound('This passkey');
    return undefined;
  });

  core.http.route(removePasskey, async ({ params, request, ip }) => {
    const actor = await whoAsks(request);
    const keys = await accounts.passkeys(actor.personId);
    if (!keys.some((key) => key.id === params.id)) throw notFound('This passkey');
    const totp = await secondFactor.isOn(actor.personId);
    await requireAnotherFactor(actor, keys.length - 1 + (totp ? 1 : 0));
    await accounts.removePasskey(actor.personId, params.id);
    authenticator.forget([actor.personId]);
    await record(actor, 'people.passkey-removed', ip);
    return undefined;
  });
}
