import { idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** A file of cards; a table may have `maxTableBytes`, because it is read as whole. */
export const maxImportBytes = 50 * 1024 * 1024;
export const maxTableBytes = 16 * 1024 * 1024;
export const maxImportCards = 50_000;

/** What a column of a table can be read as; `skip` leaves it out, `kind-of-next` says what kind the next number or address is. */
export const csvFields = [
  'skip',
  'kind-of-next',
  'name',
  'prefix',
  'given',
  'additional',
  'family',
  'suffix',
  'nickname',
  'organisation',
  'title',
  'number-work',
  'number-mobile',
  'number-home',
  'number-fax',
  'number-other',
  'email-work',
  'email-home',
  'email-other',
  'sip',
  'street-work',
  'city-work',
  'region-work',
  'postalCode-work',
  'country-work',
  'street-home',
  'city-home',
  'region-home',
  'postalCode-home',
  'country-home',
  'street-other',
  'city-other',
  'region-other',
  'postalCode-other',
  'country-other',
  'birthday',
  'webPage',
  'language',
  'labels',
  'notes',
  'kind',
] as const;
export type CsvField = (typeof csvFields)[number];
export const maxColumns = 200;

/** What becomes of a card that the book has already: the same name, and a number or an address in common or on one side none. */
export const duplicateChoices = ['skip', 'merge', 'add'] as const;
export type DuplicateChoice = (typeof duplicateChoices)[number];

export const importFaultSchema = z.object({
  /** Where it stands in the file, from 1. */
  line: z.number().int(),
  code: z.enum(['unreadable', 'too-large', 'nothing', 'photo', 'cut', 'invalid']),
  /** What exactly, in a few words of English or a part of what stands there. */
  detail: z.string(),
});
export type ImportFault = z.infer<typeof importFaultSchema>;

export const importStates = ['ready', 'running', 'stopped', 'done', 'failed'] as const;
export type ImportState = (typeof importStates)[number];
export const importColumnSchema = z.object({
  heading: z.string(),
  field: z.enum(csvFields),
  example: z.string(),
});
export type ImportColumn = z.infer<typeof importColumnSchema>;
const previewSchema = z.object({
  line: z.number().int(),
  name: z.string(),
  organisation: z.string(),
  number: z.string(),
  email: z.string(),
});
export type ImportPreview = z.infer<typeof previewSchema>;

export const contactImportSchema = z.object({
  id: idSchema,
  bookId: idSchema,
  fileName: z.string(),
  format: z.enum(['vcard', 'csv']),
  state: z.enum(importStates),
  /** Cards in the file. */
  total: z.number().int(),
  done: z.number().int(),
  added: z.number().int(),
  /** Cards that were there already: left as they are, or completed. */
  skipped: z.number().int(),
  merged: z.number().int(),
  /** What could not be taken, or not as it stands there. */
  faultCount: z.number().int(),
  /** The first 100. */
  faults: z.array(importFaultSchema).max(100),
  /** Of a table: its headings, and what each is taken for. */
  columns: z.array(importColumnSchema).max(maxColumns),
  /** How the first cards would look, with the columns as they were guessed. */
  preview: z.array(previewSchema).max(10),
});
export type ContactImport = z.infer<typeof contactImportSchema>;

/** An import that ended lately, and how many of its cards nobody has changed since. */
export const recentImportSchema = z.object({
  id: idSchema,
  fileName: z.string(),
  createdAt: z.iso.datetime(),
  cards: z.number().int(),
});
export type RecentImport = z.infer<typeof recentImportSchema>;

export const exportFormats = ['vcard4', 'vcard3', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];
