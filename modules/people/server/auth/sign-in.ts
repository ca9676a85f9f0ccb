import { Problem } from '@liaison/core/contract';
import type { Http } from '@liaison/core/http';
import type { Parts } from '../parts.ts';
import type { Reply, Request } from './exchange.ts';
import { knownBrowser, makeKnown } from './known-browser.ts';
import { type LibraryAnswer, originOf } from './library.ts';

const wrongCredentials = () => new Problem(401, 'wrong-credentials', 'Address or password is not right.');
export const signInAgain = () =>
  new Problem(401, 'sign-in-again', 'This took too long. Sign in again from the beginning.');

/** Passes the library's cookies to the browser. */
export function setCookies(reply: Reply, cookies: readonly string[]): void {
  if (cookies.length > 0) reply.header('set-cookie', [...cookies]);
}

/** Removes every cookie of a session from this browser. */
export function clearCookies(http: Http, request: Request, reply: Reply): void {
  const { secure } = originOf(http, request);
  const prefix = secure ? '__Secure-' : '';
  setCookies(
    reply,
    ['session_token', 'two_factor'].map(
      (name) =>
        `${prefix}liaison.${name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
    ),
  );
}

/** Throws what the library refused as a problem of ours; `otherwise` is what a plain refusal means here. */
export function requireAccepted(parts: Parts, answer: LibraryAnswer, otherwise: () => Problem): void {
  if (answer.status < 400) return;
  const code = String(answer.body.code ?? '');
  if (code === 'SUSPENDED') {
    throw new Problem(
      403,
      'suspended',
      'Your account is suspended. Ask whoever administers your organisation.',
    );
  }
  if (/TOO_MANY_ATTEMPTS|INVALID_TWO_FACTOR_COOKIE/.test(code)) throw signInAgain();
  if (answer.status >= 500) {
    parts.core.log.error({ part: 'sign-in', status: answer.status, code }, 'the sign-in library failed');
    throw new Problem(
      503,
      'sign-in-unavailable',
      'Signing in does not work right now; try again in a moment.',
      {
        retryAfterSeconds: 2,
      },
    );
  }
  throw otherwise();
}

/**
 * Signs in with a password and sets the cookies.
 *
 * @throws Problem 401 `wrong-credentials`, 403 `suspended`, 403 `passkey-needed`, 429 `too-many-tries`.
 */
export async function signInWithPassword(
  parts: Parts,
  request: Request,
  reply: Reply,
  { address: written, password }: { address: string; password: string },
): Promise<'done' | 'second-factor'> {
  const { core, guessing, library, across } = parts;
  const address = await across.addressNow(written);
  const attempt = guessing.begin({
    target: `password:${address}`,
    ip: request.ip,
    knownBrowser: knownBrowser(core.secrets, request.headers.cookie, address),
  });
  const answer = await library.call(request, '/sign-in/email', { body: { email: address, password } });
  requireAccepted(parts, answer, wrongCredentials);
  attempt.succeeded();
  if (answer.body.twoFactorRedirect === true) {
    setCookies(reply, answer.cookies);
    return 'second-factor';
  }
  const user = answer.body.user as { id?: unknown } | undefined;
  await requirePasskeyWhereWanted(parts, String(user?.id), String(answer.body.token));
  setCookies(reply, [
    ...answer.cookies,
    makeKnown(core.secrets, address, originOf(core.http, request).secure),
  ]);
  return 'done';
}

/**
 * Where the organisation wants a second factor and a passkey is the only one, the password alone does not do: the
 * session that was just made goes again.
 */
async function requirePasskeyWhereWanted(parts: Parts, personId: string, token: string): Promise<void> {
  const standing = (await parts.across.standingOf([personId])).get(personId);
  if (!standing?.requireSecondFactor) return;
  if (await parts.secondFactor.isOn(personId)) return;
  if ((await parts.accounts.passkeys(personId)).length === 0) return;
  await parts.library.query('delete from session where token = $1', [token]);
  throw new Problem(
    403,
    'passkey-needed',
    'Your organisation wants a second factor: sign in with your passkey.',
  );
}
