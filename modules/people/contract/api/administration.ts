import { defineRoute, idSchema, pageOf, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';
import { addressSchema, extensionSchema, personSchema, roleSchema } from '../person.ts';

const personId = z.object({ id: idSchema });

/*
 * For managers and owners. A manager administers members and guests; only an owner makes or administers managers and
 * owners. The last active owner stays one: 409 `last-owner`.
 */
export const changeRole = defineRoute({
  method: 'PUT',
  path: '/people/:id/role',
  access: 'session',
  summary: 'Change a role in the organisation.',
  params: personId,
  body: z.object({ role: roleSchema }),
  response: personSchema,
});

/** Sessions and telephones are cut at once and everywhere. */
export const suspendPerson = defineRoute({
  method: 'POST',
  path: '/people/:id/suspend',
  access: 'session',
  summary: 'Suspend a person.',
  params: personId,
  response: personSchema,
});

export const restorePerson = defineRoute({
  method: 'POST',
  path: '/people/:id/restore',
  access: 'session',
  summary: 'End a suspension.',
  params: personId,
  response: personSchema,
});

/** Null takes it away. 409 `name-taken` when somebody has it. */
export const assignExtension = defineRoute({
  method: 'PUT',
  path: '/people/:id/extension',
  access: 'session',
  summary: 'Assign an extension.',
  params: personId,
  body: z.object({ extension: extensionSchema.nullable() }),
  response: personSchema,
});

/**
 * The address before stays hers: it still reaches her, and signs her in. 409 `name-taken`, 400 `foreign-domain`.
 */
export const changeAddress = defineRoute({
  method: 'PUT',
  path: '/people/:id/address',
  access: 'session',
  summary: 'Give somebody another address.',
  params: personId,
  body: z.object({ address: addressSchema }),
  response: personSchema,
});

/** For good: type her address to confirm. */
export const erasePerson = defineRoute({
  method: 'POST',
  path: '/people/:id/erase',
  access: 'session',
  summary: 'Erase a person and her data.',
  params: personId,
  body: z.object({ address: z.string().max(254) }),
});

export const auditEntrySchema = z.object({
  id: idSchema,
  at: z.iso.datetime(),
  action: z.string(),
  /** Null where nobody was signed in: see `bySystem`, else somebody who came by a link. */
  personId: idSchema.nullable(),
  /** Not asked for by a request: a job, what follows from an event, a command of the operator. */
  bySystem: z.boolean(),
  subjectId: idSchema.nullable(),
  ip: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export const listAudit = defineRoute({
  method: 'GET',
  path: '/audit',
  access: 'session',
  summary: 'Who changed what about people, rights and settings, newest first.',
  query: pageQuery.extend({ action: z.string().max(80).optional(), personId: idSchema.optional() }),
  response: pageOf(auditEntrySchema),
});
