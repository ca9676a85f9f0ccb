import { defineRoute } from '@liaison/core/contract';
import { z } from 'zod';

/** By whole names as they are written, or by last names; companies stand by their name in both. */
export const sortings = ['name', 'family'] as const;
export const sortingSchema = z.enum(sortings);
export type Sorting = z.infer<typeof sortingSchema>;

const settings = z.object({ sortBy: sortingSchema });
export type ContactsSettings = z.infer<typeof settings>;

export const getContactsSettings = defineRoute({
  method: 'GET',
  path: '/contacts/settings',
  access: 'session',
  summary: 'How I have my contacts shown.',
  response: settings,
});
export const setContactsSettings = defineRoute({
  method: 'PUT',
  path: '/contacts/settings',
  access: 'session',
  summary: 'Says how I have my contacts shown; it holds wherever I sign in.',
  body: settings,
  response: settings,
});
