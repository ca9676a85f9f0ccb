import { defineEvent, idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** Cards of a book were written, deleted, restored or merged; at most 1,000 in one. */
export const contactsChanged = defineEvent({
  name: 'contacts.contacts-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, bookId: idSchema, contactIds: z.array(idSchema).max(1000) }),
});
