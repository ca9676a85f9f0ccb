import { defineRoute, idSchema, pageOf, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';
import {
  addressSchema,
  extensionSchema,
  languageSchema,
  nameSchema,
  personSummarySchema,
  roleSchema,
  shortLineSchema,
  timeZoneSchema,
} from '../person.ts';
import { newPasswordSchema } from './security.ts';
import { signedInSchema } from './session.ts';
import { linkTokenSchema } from './setup.ts';

/** `join`: somebody new. `renew`: somebody who lost password and second factor, and starts again with a new password. */
export const invitationPurposeSchema = z.enum(['join', 'renew']);

export const invitationSchema = z.object({
  id: idSchema,
  purpose: invitationPurposeSchema,
  person: personSummarySchema,
  invitedBy: idSchema.nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  state: z.enum(['open', 'accepted', 'expired', 'revoked']),
});
export type Invitation = z.infer<typeof invitationSchema>;

/**
 * `link` holds the token and is shown this once; only its hash is kept. `elsewhere` is the same link for other machines,
 * where `link` is good on the server's own machine only.
 */
export const invitationLinkSchema = z.object({
  invitation: invitationSchema,
  link: z.url(),
  elsewhere: z.url().nullable(),
});

/** What is told of somebody new. Without a time zone and a language she gets the organisation's. */
export const newPersonSchema = z.object({
  name: nameSchema,
  address: addressSchema,
  role: roleSchema.default('member'),
  extension: extensionSchema.nullable().default(null),
  title: shortLineSchema.default(null),
  office: shortLineSchema.default(null),
  language: languageSchema.optional(),
  timeZone: timeZoneSchema.optional(),
  teamIds: z.array(idSchema).max(50).default([]),
});

/** An extension that nobody has, to be offered for somebody new; it is not kept for her. Administrators only. */
export const findFreeExtension = defineRoute({
  method: 'GET',
  path: '/free-extension',
  access: 'session',
  summary: 'An extension that nobody has.',
  response: z.object({ extension: extensionSchema }),
});

/** Creates the person (status `invited`) and her link. Refusals: 400 `foreign-domain`, 409 `name-taken`, 403 for a role above one's own. */
export const invite = defineRoute({
  method: 'POST',
  path: '/invitations',
  access: 'session',
  summary: 'Invite somebody new.',
  body: newPersonSchema,
  response: invitationLinkSchema,
});

/** A fresh link for somebody invited (`join`) or who cannot sign in any more (`renew`); older links stop working. */
export const renewInvitation = defineRoute({
  method: 'POST',
  path: '/people/:id/invitation',
  access: 'session',
  summary: 'A new link for a person.',
  params: z.object({ id: idSchema }),
  response: invitationLinkSchema,
});

export const listInvitations = defineRoute({
  method: 'GET',
  path: '/invitations',
  access: 'session',
  summary: 'Invitations, newest first.',
  query: pageQuery.extend({ state: z.enum(['open', 'all']).default('open') }),
  response: pageOf(invitationSchema),
});

/** A person who never signed in goes with her last invitation; her address is free again. */
export const revokeInvitation = defineRoute({
  method: 'DELETE',
  path: '/invitations/:id',
  access: 'session',
  summary: 'Take an invitation back.',
  params: z.object({ id: idSchema }),
});

/** What the page behind the link shows before anything is typed. 404 when it is used, revoked or too old. */
export const openInvitation = defineRoute({
  method: 'POST',
  path: '/invitations/open',
  access: 'public',
  summary: 'Who is invited, and by which organisation.',
  body: z.object({ token: linkTokenSchema }),
  response: z.object({
    purpose: invitationPurposeSchema,
    organisationName: z.string(),
    name: z.string(),
    address: z.string(),
    /** Null where nobody chose one for this person: the page speaks the language of her browser. */
    language: languageSchema.nullable(),
    timeZone: z.string(),
    invitedBy: z.string().nullable(),
    expiresAt: z.iso.datetime(),
  }),
});

/**
 * Sets name and password, and signs in. Ask `/session` afterwards: it may want a second factor first. Refusals: 404,
 * 400 `weak-password`.
 */
export const acceptInvitation = defineRoute({
  method: 'POST',
  path: '/invitations/accept',
  access: 'public',
  summary: 'Accept an invitation.',
  body: z.object({
    token: linkTokenSchema,
    name: nameSchema,
    password: newPasswordSchema,
    language: languageSchema.optional(),
    timeZone: timeZoneSchema.optional(),
  }),
  response: signedInSchema,
});
