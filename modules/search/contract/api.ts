import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';

export const mostQueryCharacters = 200;

/** Pieces of a line, one after the other; those that are `found` stand there because of what was asked. */
export const markedTextSchema = z.array(z.object({ text: z.string(), found: z.boolean() })).max(60);
export type MarkedText = z.infer<typeof markedTextSchema>;

/** Something that was found: the asker may read it now. */
export const foundItemSchema = z.object({
  /** `chat.message`, `files.file`, … as its module offers it. */
  kind: z.string(),
  /** Its id; of one kind there is one. */
  id: z.string(),
  /** Empty where it has none, as a message. */
  title: markedTextSchema,
  /** A line or two around what was found, or the beginning of the text; empty where it has no text. */
  passage: markedTextSchema,
  /** What its place is called: a conversation, a folder, a calendar. Empty where that has no name, as between two people. */
  container: z.string(),
  spaceId: idSchema,
  /** Who wrote it, or whom it is about. */
  personIds: z.array(z.string()),
  at: z.iso.datetime(),
  /** The address of its page, from `/` on. */
  path: z.string(),
});
export type FoundItem = z.infer<typeof foundItemSchema>;

/** Something asked for that cannot be: the page says so in a sentence, beside what was found without it. */
export const searchRemarkSchema = z.discriminatedUnion('is', [
  /** `from:` names nobody whom the asker may see: nothing is found. */
  z.object({ is: z.literal('nobody-of-that-name'), name: z.string() }),
  /** `type:` is no kind that there is: nothing is found. */
  z.object({ is: z.literal('no-such-type'), name: z.string() }),
]);
export type SearchRemark = z.infer<typeof searchRemarkSchema>;

export const searchAnswerSchema = z.object({
  /** Best first. There is no count of all: it would have to look at what may not be read. */
  rows: z.array(foundItemSchema).max(50),
  /** Opaque; null on the last page. At most 200 items are found of one question. */
  next: z.string().nullable(),
  /** What was understood of the question, for a line such as "messages of Inès before 3 May". */
  understood: z.object({
    words: z.array(z.string()),
    /** Words in quotes that have to follow each other. */
    phrases: z.array(z.string()),
    without: z.array(z.string()),
    /** Kinds that were asked for by `type:`; all where it is empty. */
    kinds: z.array(z.string()),
    /** People who were meant by `from:`, at most 10 of a name. */
    personIds: z.array(z.string()),
    /** Names of places by `in:`. */
    places: z.array(z.string()),
    before: z.iso.date().nullable(),
    after: z.iso.date().nullable(),
    /** Telephone numbers that were read in it, E.164 where they are whole: a page offers to call them. */
    numbers: z.array(z.string()),
  }),
  /** Set where a word was found nowhere and its neighbours were looked for instead: the rows and `next` are those of `q`. */
  instead: z.object({ q: z.string(), words: z.array(z.string()) }).nullable(),
  remarks: z.array(searchRemarkSchema).max(10),
});
export type SearchAnswer = z.infer<typeof searchAnswerSchema>;

export const search = defineRoute({
  method: 'GET',
  path: '/search',
  access: 'session',
  summary:
    'Looks through everything that I may read, best first. `q` knows from:, in:, type:, before:, after:, "phrases" and -words; its last word may be a beginning.',
  query: z.object({
    q: z.string().max(mostQueryCharacters),
    cursor: z.string().max(400).optional(),
    limit: z.coerce.number().int().min(1).max(50).default(20),
  }),
  response: searchAnswerSchema,
});

/** The kinds that there are, for a page's filters: `type:` takes each of them. */
export const listKinds = defineRoute({
  method: 'GET',
  path: '/search/kinds',
  access: 'session',
  summary: 'The kinds of things that are looked through.',
  response: z.object({ rows: z.array(z.object({ kind: z.string() })).max(100) }),
});
