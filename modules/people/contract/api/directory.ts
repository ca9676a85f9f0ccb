import { defineRoute, idSchema, pageOf, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';
import {
  personSchema,
  personStatusSchema,
  personSummarySchema,
  roleSchema,
  spaceRefSchema,
} from '../person.ts';

/** One line of the directory. Guests see only people with whom they share a space. */
export const directoryRowSchema = personSummarySchema.extend({
  teams: z.array(spaceRefSchema),
  /** When a session of this person was last in use, to the hour; null for others than managers and owners. */
  lastUsedAt: z.iso.datetime().nullable(),
});
export type DirectoryRow = z.infer<typeof directoryRowSchema>;

/** By name; with `text` by how well it fits (then one page only, at most 50). */
export const listPeople = defineRoute({
  method: 'GET',
  path: '/people',
  access: 'session',
  summary: 'The directory, page by page.',
  query: pageQuery.extend({
    text: z.string().trim().max(100).optional(),
    status: personStatusSchema.optional(),
    role: roleSchema.optional(),
    teamId: idSchema.optional(),
  }),
  response: pageOf(directoryRowSchema),
});

/** For badges above the directory. */
export const countPeople = defineRoute({
  method: 'GET',
  path: '/people/counts',
  access: 'session',
  summary: 'How many people are active, invited, suspended.',
  response: z.object({ active: z.number().int(), invited: z.number().int(), suspended: z.number().int() }),
});

/** For Ctrl+K and every field that asks for a person. */
export const searchPeople = defineRoute({
  method: 'GET',
  path: '/people/search',
  access: 'session',
  summary: 'Find people by name, address, extension or number.',
  query: z.object({
    text: z.string().trim().min(1).max(100),
    limit: z.coerce.number().int().min(1).max(50).default(10),
  }),
  response: z.object({ people: z.array(personSummarySchema) }),
});

/** Faces for ids that a page holds (authors of messages, callers). Unknown and foreign ids are left out. */
export const getPeopleByIds = defineRoute({
  method: 'POST',
  path: '/people/by-ids',
  access: 'session',
  summary: 'Several people at once.',
  body: z.object({ ids: z.array(idSchema).max(200) }),
  response: z.object({ people: z.array(personSummarySchema) }),
});

export const getPerson = defineRoute({
  method: 'GET',
  path: '/people/:id',
  access: 'session',
  summary: 'One person.',
  params: z.object({ id: idSchema }),
  response: personSchema,
});
