import { defineEvent, idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** Cards of a book were written, deleted, restored or merged; at most 1,000 in one. */
export const contactsChanged = defineEvent({
  name: 'contacts.contacts-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, bookId: idSchema, contactIds: z.array(idSchema).max(1000) }),
});

/** How somebody has her contacts shown is not as it was; told in her own space. */
export const settingsChanged = defineEvent({
  name: 'contacts.settings-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, personId: idSchema }),
});

/** An import is to be run; a job does it. */
export const importStarted = defineEvent({
  name: 'contacts.import-started',
  version: 1,
  stream: 'personalSpaceId',
  payload: z.object({ personalSpaceId: idSchema, importId: idSchema, personId: idSchema }),
});
/** How far an import is, in the order of its owner's personal space. */
export const importProgressed = defineEvent({
  name: 'contacts.import-progressed',
  version: 1,
  stream: 'personalSpaceId',
  payload: z.object({
    personalSpaceId: idSchema,
    importId: idSchema,
    done: z.number().int(),
    total: z.number().int(),
    finished: z.boolean(),
  }),
});
