import { defineRoute } from '@liaison/core/contract';
import { z } from 'zod';

/** A password as it is typed at sign-in. */
export const passwordSchema = z.string().min(1).max(256);
/** A password to be set. What is easy to guess is refused by the server as 400 `weak-password`. */
export const newPasswordSchema = z
  .string()
  .min(10, { error: 'A password has at least ten characters.' })
  .max(256);

/** WebAuthn options as JSON: give them to `PublicKeyCredential.parse…OptionsFromJSON`. */
export const passkeyOptionsSchema = z.object({ options: z.record(z.string(), z.unknown()) });
/** What the browser's `credential.toJSON()` gives; its parts are checked by the ceremony. */
export const passkeyAnswerSchema = z.looseObject({
  id: z.string().min(1).max(2048),
  rawId: z.string().min(1).max(2048),
  type: z.literal('public-key'),
  response: z.record(z.string().max(64), z.unknown()),
});

const passkeyId = z.object({ id: z.string().min(1).max(64) });
const passkeyName = z.string().trim().min(1).max(64);

export const securitySchema = z.object({
  hasPassword: z.boolean(),
  totp: z.boolean(),
  recoveryCodesLeft: z.number().int(),
  passkeys: z.array(
    z.object({ id: z.string(), name: z.string(), createdAt: z.iso.datetime(), synced: z.boolean() }),
  ),
  /** The organisation wants a second factor of everybody. */
  secondFactorRequired: z.boolean(),
});
export type Security = z.infer<typeof securitySchema>;

/*
 * All of these work in the state `second-factor-required` too, which is why their access is `public`: without any
 * session they answer 401 `signed-out` like every other route.
 */
export const getSecurity = defineRoute({
  method: 'GET',
  path: '/security',
  access: 'public',
  summary: 'How the signed-in person proves who she is.',
  response: securitySchema,
});

/** Refusals: 401 `wrong-password`, 400 `weak-password`, 429 `too-many-tries`. */
export const changePassword = defineRoute({
  method: 'POST',
  path: '/security/password',
  access: 'public',
  summary: 'Change the password; all other sessions end.',
  body: z.object({ current: passwordSchema, next: newPasswordSchema }),
});

/** `uri` (otpauth://…) is for a QR code, `secret` for typing. Nothing changes until it is confirmed. */
export const beginTotp = defineRoute({
  method: 'POST',
  path: '/security/totp',
  access: 'public',
  summary: 'Begin with an authenticator app.',
  body: z.object({ password: passwordSchema }),
  response: z.object({ uri: z.string(), secret: z.string() }),
});

/** Recovery codes are shown this once. Refusals: 401 `wrong-code`, 409 `no-totp-begun`. */
export const confirmTotp = defineRoute({
  method: 'POST',
  path: '/security/totp/confirm',
  access: 'public',
  summary: 'Confirm the authenticator app with its first code.',
  body: z.object({
    code: z
      .string()
      .trim()
      .regex(/^\d{6}$/),
  }),
  response: z.object({ recoveryCodes: z.array(z.string()) }),
});

/** Refused with 409 `second-factor-needed` where the organisation wants one and no passkey is there. */
export const disableTotp = defineRoute({
  method: 'POST',
  path: '/security/totp/disable',
  access: 'public',
  summary: 'Stop using the authenticator app.',
  body: z.object({ password: passwordSchema }),
});

export const renewRecoveryCodes = defineRoute({
  method: 'POST',
  path: '/security/recovery-codes',
  access: 'public',
  summary: 'New recovery codes; the old ones are worthless.',
  body: z.object({ password: passwordSchema }),
  response: z.object({ recoveryCodes: z.array(z.string()) }),
});

/** Refused with 401 `sign-in-again` when the session is older than a day: a found browser adds no key. */
export const passkeyRegistrationOptions = defineRoute({
  method: 'POST',
  path: '/security/passkeys/options',
  access: 'public',
  summary: 'Begin to add a passkey.',
  response: passkeyOptionsSchema,
});

export const addPasskey = defineRoute({
  method: 'POST',
  path: '/security/passkeys',
  access: 'public',
  summary: 'Add the passkey that the browser made.',
  body: z.object({ name: passkeyName, response: passkeyAnswerSchema }),
  response: z.object({ id: z.string() }),
});

export const renamePasskey = defineRoute({
  method: 'PATCH',
  path: '/security/passkeys/:id',
  access: 'public',
  summary: 'Rename a passkey.',
  params: passkeyId,
  body: z.object({ name: passkeyName }),
});

export const removePasskey = defineRoute({
  method: 'DELETE',
  path: '/security/passkeys/:id',
  access: 'public',
  summary: 'Remove a passkey.',
  params: passkeyId,
});
