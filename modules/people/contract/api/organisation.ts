import { defineRoute } from '@liaison/core/contract';
import { z } from 'zod';
import { languageSchema, nameSchema, organisationSchema, timeZoneSchema } from '../person.ts';
import { domainSchema } from './setup.ts';

export const getOrganisation = defineRoute({
  method: 'GET',
  path: '/organisation',
  access: 'session',
  summary: 'The organisation and its settings.',
  response: organisationSchema,
});

/**
 * Name, languages, time zone and who makes teams: managers and owners. Domain and second factor: owners. A new domain is for new
 * addresses; those that exist stay. 409 `name-taken` when another organisation has the domain.
 */
export const changeOrganisation = defineRoute({
  method: 'PATCH',
  path: '/organisation',
  access: 'session',
  summary: 'Change settings of the organisation.',
  body: z
    .object({
      name: nameSchema,
      domain: domainSchema,
      languages: z.array(languageSchema).min(1).max(4),
      timeZone: timeZoneSchema,
      requireSecondFactor: z.boolean(),
      teamMakers: organisationSchema.shape.teamMakers,
    })
    .partial(),
  response: organisationSchema,
});
