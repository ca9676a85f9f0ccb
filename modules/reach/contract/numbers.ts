import { defineRoute, idSchema, pageOf, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';

/** A telephone number that can be dialled from anywhere (ITU-T E.164). */
export const e164Schema = z.string().regex(/^\+[1-9]\d{2,14}$/, {
  error: 'Write the number with its country, such as +351210000000.',
});
/** An extension of the organisation, as it is found where a text says that it is one. */
export const houseNumberSchema = z.string().regex(/^\d{2,8}$/);

/** Whose a number is for the one who asks: a colleague whom she may see, a card of her address books, or nobody's. */
export const numberHolderSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('person'), personId: idSchema, name: z.string() }),
  z.object({ is: z.literal('card'), contactId: idSchema, name: z.string() }),
  z.object({ is: z.literal('nobody') }),
]);
export type NumberHolder = z.infer<typeof numberHolderSchema>;

/** So many are asked about at once. */
export const numbersAtOnce = 100;

/** Numbers or extensions, or ids, with commas between them. */
const listOf = (one: z.ZodType<string, string>) =>
  z
    .string()
    .max(4000)
    .transform((text) => [...new Set(text.split(',').filter((each) => each !== ''))])
    .pipe(z.array(one).min(1).max(numbersAtOnce));

export const holdersOfNumbers = defineRoute({
  method: 'GET',
  path: '/reach/numbers',
  access: 'session',
  summary: 'Whose numbers are, for me: `+351210000000,12` asks for a number and an extension. At most 100.',
  query: z.object({ numbers: listOf(z.union([e164Schema, houseNumberSchema])) }),
  response: z.object({
    rows: z.array(z.object({ number: z.string(), holder: numberHolderSchema })).max(numbersAtOnce),
  }),
});

/** ISO 3166-1 alpha-2. */
const countrySchema = z.string().length(2).nullable();

export const countriesOfWriters = defineRoute({
  method: 'GET',
  path: '/reach/numbers/countries',
  access: 'session',
  summary:
    'In whose country a number without one is: the organisation’s, and those of people who wrote a text. At most 100.',
  query: z.object({ people: listOf(idSchema).optional() }),
  response: z.object({
    organisation: countrySchema,
    rows: z.array(z.object({ personId: idSchema, country: countrySchema })).max(numbersAtOnce),
  }),
});

/** A place where a number is written. */
export const numberMentionSchema = z.object({
  /** `chat.message`, `files.file`, `calendar.appointment`, … */
  kind: z.string(),
  /** Its id; of one kind there is one. */
  id: z.string(),
  /** Empty where it has none, as a message. */
  title: z.string(),
  /** A line of what is written around the number, which stands from `start` to before `end` of it. */
  passage: z.object({ text: z.string(), start: z.number().int(), end: z.number().int() }),
  /** What the place is called where it lies: a conversation, a folder, a calendar. */
  container: z.string(),
  personIds: z.array(z.string()),
  at: z.iso.datetime(),
  /** The address of its page, from `/` on. */
  path: z.string(),
});
export type NumberMention = z.infer<typeof numberMentionSchema>;

export const listNumberMentions = defineRoute({
  method: 'GET',
  path: '/reach/numbers/:e164/mentions',
  access: 'session',
  summary:
    'Every place that mentions a number and that I may read, in whatever spelling it stands there; newest first.',
  params: z.object({ e164: e164Schema }),
  query: pageQuery.extend({ limit: z.coerce.number().int().min(1).max(50).default(20) }),
  response: pageOf(numberMentionSchema),
});
