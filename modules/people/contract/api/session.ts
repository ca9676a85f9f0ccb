import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import { addressSchema, organisationSchema, personSchema } from '../person.ts';
import { passkeyAnswerSchema, passkeyOptionsSchema, passwordSchema } from './security.ts';

/** Everything that the shell needs to start for a signed-in person. */
export const signedInSchema = z.object({
  state: z.literal('signed-in'),
  sessionId: idSchema,
  person: personSchema,
  personalSpaceId: idSchema,
  organisation: organisationSchema,
});
export type SignedIn = z.infer<typeof signedInSchema>;

/**
 * - `setup`: no organisation yet; open the one-time link that the program printed.
 * - `signed-out`: show the sign-in page.
 * - `second-factor-required`: the password was right, but the organisation wants a second factor and this person has
 *   none: only the routes below `/security` and sign-out work until one is added.
 */
export const sessionStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('setup') }),
  z.object({ state: z.literal('signed-out') }),
  z.object({
    state: z.literal('second-factor-required'),
    name: z.string(),
    address: z.string(),
    organisationName: z.string(),
  }),
  signedInSchema,
]);
export type SessionState = z.infer<typeof sessionStateSchema>;

/** Who am I: the first request of every page. Also prolongs the session (30 days from its last use). */
export const getSession = defineRoute({
  method: 'GET',
  path: '/session',
  access: 'public',
  summary: 'Who is signed in, with her organisation.',
  response: sessionStateSchema,
});

export const signInResultSchema = z.discriminatedUnion('next', [
  /** Signed in: ask `/session`. */
  z.object({ next: z.literal('done') }),
  /** Ask for a code and send it to `/auth/second-factor` within ten minutes. */
  z.object({ next: z.literal('second-factor') }),
]);

/**
 * Refusals: 401 `wrong-credentials` (the same whatever was wrong), 403 `suspended` (after the right password only),
 * 429 `too-many-tries` with `retryAfterSeconds`.
 */
export const signIn = defineRoute({
  method: 'POST',
  path: '/auth/sign-in',
  access: 'public',
  summary: 'Sign in with address and password.',
  body: z.object({ address: addressSchema, password: passwordSchema }),
  response: signInResultSchema,
});

/** Refusals: 401 `wrong-code`, 401 `sign-in-again` (too late), 429 `too-many-tries`. */
export const giveSecondFactor = defineRoute({
  method: 'POST',
  path: '/auth/second-factor',
  access: 'public',
  summary: 'Second step of a sign-in: a code of the authenticator, or a recovery code.',
  body: z.object({
    kind: z.enum(['totp', 'recovery-code']),
    code: z.string().trim().min(6).max(32),
    /** Do not ask again in this browser for 30 days. */
    trustBrowser: z.boolean().default(false),
  }),
  response: z.object({ next: z.literal('done') }),
});

/** Options for `navigator.credentials.get` (WebAuthn `PublicKeyCredentialRequestOptionsJSON`). */
export const passkeySignInOptions = defineRoute({
  method: 'POST',
  path: '/auth/passkey/options',
  access: 'public',
  summary: 'Begin a sign-in with a passkey.',
  response: passkeyOptionsSchema,
});

/** The browser's `credential.toJSON()`. Refusals: 401 `wrong-passkey`, 403 `suspended`. */
export const signInWithPasskey = defineRoute({
  method: 'POST',
  path: '/auth/passkey',
  access: 'public',
  summary: 'Sign in with a passkey.',
  body: z.object({ response: passkeyAnswerSchema }),
  response: z.object({ next: z.literal('done') }),
});

export const signOut = defineRoute({
  method: 'POST',
  path: '/auth/sign-out',
  access: 'public',
  summary: 'End this session; its live sockets close.',
});
