import { idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** A file of appointments (RFC 5545); larger ones are divided. */
export const maxImportBytes = 10 * 1024 * 1024;
/** Components of a file, those that are no appointments too. */
export const maxImportComponents = 5000;
/** Days that are taken out of or added to one series of a file. */
export const maxImportDates = 500;

export const importFaultCodes = [
  'unreadable',
  'too-large',
  'attachment',
  'kind',
  'cancelled',
  'zone',
  'invalid',
  'dates',
  'duplicate',
  'part',
  'reminder',
  'meeting',
  'many',
] as const;
export const importFaultSchema = z.object({
  /** Where it stands in the file, from 1. */
  line: z.number().int(),
  code: z.enum(importFaultCodes),
  /** What exactly, in a few words of English or a part of what stands there. */
  detail: z.string(),
});
export type ImportFault = z.infer<typeof importFaultSchema>;

export const importStates = ['ready', 'running', 'stopped', 'done', 'failed'] as const;
export type ImportState = (typeof importStates)[number];
const previewSchema = z.object({
  line: z.number().int(),
  title: z.string(),
  /** For whole days midnight UTC of the first day. */
  startsAt: z.string(),
  isAllDay: z.boolean(),
  isSeries: z.boolean(),
});
export type ImportPreview = z.infer<typeof previewSchema>;

export const calendarImportSchema = z.object({
  id: idSchema,
  calendarId: idSchema,
  fileName: z.string(),
  state: z.enum(importStates),
  /** Appointments in the file; a series is one. */
  total: z.number().int(),
  done: z.number().int(),
  added: z.number().int(),
  /** Those that were there and are newer in the file. */
  changed: z.number().int(),
  /** Those that were there as they are in the file, or newer. */
  unchanged: z.number().int(),
  /** What could not be taken, or not as it stands there. */
  faultCount: z.number().int(),
  /** The first 100. */
  faults: z.array(importFaultSchema).max(100),
  /** The first appointments as they would be. */
  preview: z.array(previewSchema).max(10),
});
export type CalendarImport = z.infer<typeof calendarImportSchema>;
