import { idSchema, oneLineSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** What one card may hold; more is refused, and in an import cut with a remark. */
export const bounds = {
  numbers: 20,
  emails: 20,
  addresses: 10,
  webPages: 10,
  languages: 10,
  labels: 20,
  noteCharacters: 10_000,
} as const;

const lines = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    // Tabs and line ends belong to notes and streets.
    .regex(/^[\P{Cc}\t\n\r]*$/u, { error: 'There are signs in it that nobody can read.' });

export const contactKinds = ['person', 'company'] as const;
export type ContactKind = (typeof contactKinds)[number];
export const numberLabels = ['work', 'mobile', 'home', 'fax', 'other'] as const;
export const placeLabels = ['work', 'home', 'other'] as const;

const numberSchema = z.object({
  label: z.enum(numberLabels),
  /** As it was typed, an extension included (`020 7946 0017 ext. 12`). */
  number: oneLineSchema(80).min(1),
});
const emailSchema = z.object({
  label: z.enum(placeLabels),
  address: oneLineSchema(254).regex(/^[^\s@<>"]+@[^\s@<>"]+$/, {
    error: 'Write an address such as someone@example.org.',
  }),
});
const sipSchema = z.object({
  label: z.enum(placeLabels),
  address: oneLineSchema(254).regex(/^(sips?:)?[^\s@<>"]+@[^\s@<>"]+$/i, {
    error: 'Write a SIP address such as sip:someone@example.org.',
  }),
});
const postalSchema = z.object({
  label: z.enum(placeLabels),
  street: lines(500).default(''),
  city: oneLineSchema(120).default(''),
  region: oneLineSchema(120).default(''),
  postalCode: oneLineSchema(30).default(''),
  country: oneLineSchema(120).default(''),
});

const daysOf = (year: number | null, month: number): number =>
  new Date(Date.UTC(year ?? 2000, month, 0)).getUTCDate();
/** A day that returns each year; the year of birth where it is known (RFC 6350 §6.2.5 allows both). */
export const birthdaySchema = z
  .object({
    year: z.number().int().min(1).max(9999).nullable(),
    month: z.number().int().min(1).max(12),
    day: z.number().int().min(1).max(31),
  })
  .refine(({ year, month, day }) => day <= daysOf(year, month), { error: 'There is no such day.' });
export type Birthday = z.infer<typeof birthdaySchema>;

const webPageSchema = oneLineSchema(500).regex(/^https?:\/\/[^\s<>"]+$/i, {
  error: 'Write an address that begins with https:// or http://.',
});
/** BCP 47: `fr`, `pt-BR`. */
const languageTagSchema = oneLineSchema(35).regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, {
  error: 'Write a language as fr or pt-BR.',
});

/** A card as it is written. One of the names, a number or an address must be there: something is to be shown in lists. */
export const contactInputSchema = z.object({
  kind: z.enum(contactKinds).default('person'),
  /** How it is called in lists; made of the parts where it is left empty. */
  name: oneLineSchema(200).default(''),
  given: oneLineSchema(120).default(''),
  family: oneLineSchema(120).default(''),
  prefix: oneLineSchema(60).default(''),
  additional: oneLineSchema(120).default(''),
  suffix: oneLineSchema(60).default(''),
  nickname: oneLineSchema(120).default(''),
  /** Where she works; the name of `companyId` where that is set. */
  organisation: oneLineSchema(200).default(''),
  companyId: idSchema.nullable().default(null),
  title: oneLineSchema(200).default(''),
  numbers: z.array(numberSchema).max(bounds.numbers).default([]),
  emails: z.array(emailSchema).max(bounds.emails).default([]),
  sip: z.array(sipSchema).max(bounds.emails).default([]),
  addresses: z.array(postalSchema).max(bounds.addresses).default([]),
  birthday: birthdaySchema.nullable().default(null),
  webPages: z.array(webPageSchema).max(bounds.webPages).default([]),
  languages: z.array(languageTagSchema).max(bounds.languages).default([]),
  labels: z.array(oneLineSchema(40).min(1)).max(bounds.labels).default([]),
  notes: lines(bounds.noteCharacters).default(''),
});
export type ContactInput = z.output<typeof contactInputSchema>;
export type ContactDraft = z.input<typeof contactInputSchema>;

const keptNumberSchema = numberSchema.extend({
  /** `+…`; null where what was typed is no number that can be dialled from elsewhere. */
  e164: z.string().nullable(),
  extension: z.string().nullable(),
  /** As people of its country write it for those abroad; as typed where it is none. */
  shown: z.string(),
});
export type KeptNumber = z.infer<typeof keptNumberSchema>;

export const contactSchema = contactInputSchema.extend({
  id: idSchema,
  bookId: idSchema,
  /** Counts up with every change: whoever changes says which one she saw. */
  version: z.number().int(),
  numbers: z.array(keptNumberSchema),
  /** For `/contacts/cards/:id/photo?v=…`; null where initials are shown. */
  photo: z.string().nullable(),
  changedAt: z.iso.datetime(),
  changedById: idSchema.nullable(),
  right: z.enum(['read', 'comment', 'write', 'manage']),
});
export type Contact = z.infer<typeof contactSchema>;

/** A line of a list. */
export const contactRowSchema = z.object({
  id: idSchema,
  bookId: idSchema,
  kind: z.enum(contactKinds),
  name: z.string(),
  organisation: z.string(),
  title: z.string(),
  photo: z.string().nullable(),
  /** The first of each, for the verbs of the row. */
  number: keptNumberSchema.nullable(),
  email: z.string().nullable(),
  labels: z.array(z.string()),
  version: z.number().int(),
});
export type ContactRow = z.infer<typeof contactRowSchema>;

export const bookSchema = z.object({
  id: idSchema,
  spaceId: idSchema,
  kind: z.enum(['personal', 'team']),
  /** Empty for one's own. */
  name: z.string(),
  right: z.enum(['read', 'comment', 'write', 'manage']),
});
export type Book = z.infer<typeof bookSchema>;

/** What a number or address is called for its reader. */
export const knownNameSchema = z.object({
  number: z.string(),
  name: z.string(),
  contactId: idSchema,
  /** Where she works; empty where that is not known. */
  organisation: z.string(),
});
export type KnownName = z.infer<typeof knownNameSchema>;
