import { defineRoute } from '@liaison/core/contract';
import { z } from 'zod';
import { addressSchema, languageSchema, nameSchema, timeZoneSchema } from '../person.ts';
import { newPasswordSchema } from './security.ts';
import { signedInSchema } from './session.ts';

/** A name such as `example.org`, in lower case. */
export const domainSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(200)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
    error: 'Write a domain such as example.org.',
  });

/** 43 characters of a one-time link. */
export const linkTokenSchema = z.string().regex(/^[\w-]{20,100}$/);

/** Creates the first organisation and its owner, and signs her in. Once: afterwards 409 `already-set-up`. */
export const setUp = defineRoute({
  method: 'POST',
  path: '/setup',
  access: 'public',
  summary: 'Create the first organisation and its owner with the one-time link of the first start.',
  body: z.object({
    token: linkTokenSchema,
    organisation: z.object({ name: nameSchema, domain: domainSchema }),
    owner: z.object({
      name: nameSchema,
      /** Must end with the organisation's domain. */
      address: addressSchema,
      password: newPasswordSchema,
      language: languageSchema,
      timeZone: timeZoneSchema,
    }),
  }),
  response: signedInSchema,
});

/** Whether a setup link still works, before the form is filled in. */
export const checkSetUp = defineRoute({
  method: 'POST',
  path: '/setup/check',
  access: 'public',
  summary: 'Whether a setup link still works: 404 when not, 409 when an organisation is there already.',
  body: z.object({ token: linkTokenSchema }),
  response: z.object({ ok: z.literal(true) }),
});
