import { defineRoute, idSchema, oneLineSchema } from '@liaison/core/contract';
import { z } from 'zod';
import {
  bookSchema,
  bounds,
  contactInputSchema,
  contactKinds,
  contactRowSchema,
  contactSchema,
  knownNameSchema,
} from './contact.ts';
import {
  contactImportSchema,
  csvFields,
  duplicateChoices,
  exportFormats,
  maxColumns,
  recentImportSchema,
} from './import.ts';
import { sortingSchema } from './settings.ts';

const contactParams = z.object({ contactId: idSchema });
const bookParams = z.object({ bookId: idSchema });
const importParams = z.object({ importId: idSchema });
/** Where in the order the page before ended. */
const paging = {
  cursor: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
};
const page = z.object({ rows: z.array(contactRowSchema), next: z.string().nullable() });
/** A whole card in four-byte letters; notes are the longest of it. */
const cardBytes = 256 * 1024;
export const maxAtOnce = 500;

export const listBooks = defineRoute({
  method: 'GET',
  path: '/contacts/books',
  access: 'session',
  summary: 'My own address book and those of my teams; what is not there yet is made.',
  response: z.object({ rows: z.array(bookSchema).max(500) }),
});
export const listLabels = defineRoute({
  method: 'GET',
  path: '/contacts/labels',
  access: 'session',
  summary: 'The groups of cards in one book, or in all that I may read; at most 500.',
  query: z.object({ bookId: idSchema.optional() }),
  response: z.object({ rows: z.array(z.object({ label: z.string(), count: z.number().int() })).max(500) }),
});
export const listContacts = defineRoute({
  method: 'GET',
  path: '/contacts/cards',
  access: 'session',
  summary: 'Cards by name: of one book or all, of a group, that begin with some words or a number.',
  query: z.object({
    ...paging,
    /** A page goes on in the order in which the one before it was. */
    sort: sortingSchema.default('name'),
    bookId: idSchema.optional(),
    label: z.string().max(40).optional(),
    kind: z.enum(contactKinds).optional(),
    companyId: idSchema.optional(),
    text: z.string().trim().max(100).optional(),
  }),
  response: page,
});
/** Refuses a card with nothing that lists could show. */
export const createContact = defineRoute({
  method: 'POST',
  path: '/contacts/books/:bookId/cards',
  access: 'session',
  summary: 'A new card in a book.',
  params: bookParams,
  body: contactInputSchema,
  bodyLimitBytes: cardBytes,
  response: contactSchema,
});
export const getContact = defineRoute({
  method: 'GET',
  path: '/contacts/cards/:contactId',
  access: 'session',
  summary: 'A card.',
  params: contactParams,
  response: contactSchema,
});
/** 409 `contacts-changed` where it is not as `version` any more; `errors` names the version that is there now. */
export const changeContact = defineRoute({
  method: 'PUT',
  path: '/contacts/cards/:contactId',
  access: 'session',
  summary: 'Writes a card anew, as whole, over the version that was seen.',
  params: contactParams,
  body: contactInputSchema.extend({ version: z.number().int().min(1) }),
  bodyLimitBytes: cardBytes,
  response: contactSchema,
});
export const deleteContacts = defineRoute({
  method: 'POST',
  path: '/contacts/delete',
  access: 'session',
  summary: 'Deletes cards; for 30 days they can be had back.',
  body: z.object({ contactIds: z.array(idSchema).min(1).max(maxAtOnce) }),
});
export const restoreContacts = defineRoute({
  method: 'POST',
  path: '/contacts/restore',
  access: 'session',
  summary: 'Takes deleted cards back.',
  body: z.object({ contactIds: z.array(idSchema).min(1).max(maxAtOnce) }),
});

const several = z.array(idSchema).min(1).max(maxAtOnce);
const label = oneLineSchema(40).min(1);
/** What was there already is not changed: `changedIds` are those that are otherwise now, for who takes it back. */
export const groupContacts = defineRoute({
  method: 'POST',
  path: '/contacts/group',
  access: 'session',
  summary: 'Puts cards into groups, and takes them out of others.',
  body: z.object({
    contactIds: several,
    add: z.array(label).max(bounds.labels).default([]),
    remove: z.array(label).max(bounds.labels).default([]),
  }),
  response: z.object({ changedIds: z.array(idSchema).max(maxAtOnce) }),
});
/** More than this many cards of one group are not named anew at once. */
export const maxInGroup = 5000;
/** 404 where no card that I may write is in it; 409 `contacts-group-large` beyond 5,000 cards. A group of that name takes them in. */
export const renameGroup = defineRoute({
  method: 'POST',
  path: '/contacts/groups/rename',
  access: 'session',
  summary: 'Calls a group otherwise, in one book or in all that I may write.',
  body: z.object({ from: label, to: label, bookId: idSchema.optional() }),
  response: z.object({ count: z.number().int() }),
});
/** A person stays with her company where the other book has one of that name, or it comes along; else its name alone stays. */
export const moveContacts = defineRoute({
  method: 'POST',
  path: '/contacts/move',
  access: 'session',
  summary: 'Puts cards into another book; answers where each was.',
  body: z.object({ contactIds: several, bookId: idSchema }),
  response: z.object({
    moved: z
      .array(z.object({ bookId: idSchema, contactIds: z.array(idSchema).max(maxAtOnce) }))
      .max(maxAtOnce),
  }),
});
export const exportContacts = defineRoute({
  method: 'POST',
  path: '/contacts/export',
  access: 'session',
  summary: 'Some cards, as vCard 4.0 or 3.0, or as a table.',
  body: z.object({ contactIds: several, format: z.enum(exportFormats).default('vcard4') }),
});

export const getContactPhoto = defineRoute({
  method: 'GET',
  path: '/contacts/cards/:contactId/photo',
  access: 'session',
  summary: 'The photo of a card, as WebP.',
  params: contactParams,
  query: z.object({ v: z.string().max(64).optional() }),
});
export const maxPhotoBytes = 10 * 1024 * 1024;
export const setContactPhoto = defineRoute({
  method: 'PUT',
  path: '/contacts/cards/:contactId/photo',
  access: 'session',
  summary: 'Another photo.',
  params: contactParams,
  raw: true,
  response: contactSchema,
});
export const removeContactPhoto = defineRoute({
  method: 'DELETE',
  path: '/contacts/cards/:contactId/photo',
  access: 'session',
  summary: 'No photo any more.',
  params: contactParams,
});

export const namesOfNumbers = defineRoute({
  method: 'GET',
  path: '/contacts/names',
  access: 'session',
  summary: 'What numbers are called for me, from my own book first; those that nobody knows are left out.',
  query: z.object({ numbers: z.string().max(4000) }),
  response: z.object({ rows: z.array(knownNameSchema).max(100) }),
});
export const nextBirthdays = defineRoute({
  method: 'GET',
  path: '/contacts/birthdays',
  access: 'session',
  summary: 'The next birthdays, from a day on.',
  query: z.object({ from: z.iso.date(), days: z.coerce.number().int().min(1).max(366).default(60) }),
  response: z.object({
    rows: z
      .array(
        z.object({
          contactId: idSchema,
          bookId: idSchema,
          name: z.string(),
          date: z.string(),
          turns: z.number().int().nullable(),
        }),
      )
      .max(500),
  }),
});

export const duplicateReasons = ['number', 'email', 'name'] as const;
export const listDuplicates = defineRoute({
  method: 'GET',
  path: '/contacts/books/:bookId/duplicates',
  access: 'session',
  summary:
    'Cards of a book that may be the same: same number, same address, nearly the same name. At most 100 groups.',
  params: bookParams,
  response: z.object({
    rows: z
      .array(
        z.object({ reason: z.enum(duplicateReasons), contacts: z.array(contactRowSchema).min(2).max(5) }),
      )
      .max(100),
  }),
});
const seen = z.object({ id: idSchema, version: z.number().int().min(1) });
/** The others vanish into `keep`, which becomes `card`; 409 `contacts-changed` where one is not as it was seen. */
export const mergeContacts = defineRoute({
  method: 'POST',
  path: '/contacts/merge',
  access: 'session',
  summary: 'Makes one card of several; can be undone while that card is not changed again.',
  body: z.object({ keep: seen, others: z.array(seen).min(1).max(9), card: contactInputSchema }),
  bodyLimitBytes: cardBytes,
  response: z.object({ contact: contactSchema, mergeId: idSchema }),
});
export const undoMerge = defineRoute({
  method: 'POST',
  path: '/contacts/merges/:mergeId/undo',
  access: 'session',
  summary: 'Makes several cards again of what was merged.',
  params: z.object({ mergeId: idSchema }),
  response: contactSchema,
});

export const uploadContacts = defineRoute({
  method: 'POST',
  path: '/contacts/books/:bookId/imports',
  access: 'session',
  summary: 'Sends a vCard or CSV file and says what is in it; nothing is added yet.',
  params: bookParams,
  query: z.object({ fileName: z.string().trim().min(1).max(255) }),
  raw: true,
  response: contactImportSchema,
});
export const listRunningContactImports = defineRoute({
  method: 'GET',
  path: '/contacts/imports',
  access: 'session',
  summary: 'My imports that go on now, newest first; at most 20.',
  response: z.object({ rows: z.array(contactImportSchema).max(20) }),
});
export const getContactImport = defineRoute({
  method: 'GET',
  path: '/contacts/imports/:importId',
  access: 'session',
  summary: 'How an import stands.',
  params: importParams,
  response: contactImportSchema,
});
/** Also lets a stopped one go on, with what was chosen before. 409 `contacts-import-over` where nothing is left to do. */
export const startContactImport = defineRoute({
  method: 'POST',
  path: '/contacts/imports/:importId/start',
  access: 'session',
  summary: 'Adds the cards of a file; of a table with what its columns mean.',
  params: importParams,
  body: z.object({
    duplicates: z.enum(duplicateChoices).default('skip'),
    fields: z.array(z.enum(csvFields)).max(maxColumns).optional(),
  }),
  response: contactImportSchema,
});
export const stopContactImport = defineRoute({
  method: 'POST',
  path: '/contacts/imports/:importId/stop',
  access: 'session',
  summary: 'Stops an import; what was added stays.',
  params: importParams,
  response: contactImportSchema,
});
export const listRecentContactImports = defineRoute({
  method: 'GET',
  path: '/contacts/imports/recent',
  access: 'session',
  summary: 'My imports of the last days whose cards can be taken back, newest first; at most 20.',
  response: z.object({ rows: z.array(recentImportSchema).max(20) }),
});
/** 409 `contacts-import-running` while it goes on, `contacts-import-old` after a week. Ask again as long as some are left. */
export const undoContactImport = defineRoute({
  method: 'POST',
  path: '/contacts/imports/:importId/undo',
  access: 'session',
  summary: 'Takes back up to 1,000 of the cards that an import added and nobody has changed since.',
  params: importParams,
  response: z.object({ undone: z.number().int(), left: z.number().int() }),
});
export const exportBook = defineRoute({
  method: 'GET',
  path: '/contacts/books/:bookId/export',
  access: 'session',
  summary: 'All cards of a book as vCard 4.0 or 3.0, or as a table.',
  params: bookParams,
  query: z.object({ format: z.enum(exportFormats).default('vcard4') }),
});
export const exportContact = defineRoute({
  method: 'GET',
  path: '/contacts/cards/:contactId/vcard',
  access: 'session',
  summary: 'One card as a vCard.',
  params: contactParams,
  query: z.object({ format: z.enum(['vcard4', 'vcard3']).default('vcard4') }),
});
