import { defineRoute, idSchema, pageOf, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';

/** Limits of one file. */
export const maxImportBytes = 16 * 1024 * 1024;
export const maxImportLines = 50_000;

/** Columns by the file's first line, in any order and case; `name` and `address` are needed. */
export const importColumns = [
  'name',
  'address',
  'extension',
  'title',
  'office',
  'language',
  'timezone',
  /** Names of teams between `;`. Missing ones are made. */
  'teams',
  /** Numbers between `;`, with `+` or of the organisation's region. */
  'numbers',
  'role',
] as const;
export type ImportColumn = (typeof importColumns)[number];

/** `column` is null where the whole line is meant. `code` is stable, for translation. */
export const refusedLineSchema = z.object({
  line: z.number().int(),
  column: z.string().nullable(),
  code: z.enum(['invalid', 'missing', 'twice-in-file', 'taken', 'not-allowed', 'columns', 'failed']),
  message: z.string(),
  /** What stood there, cut to 100 characters. */
  value: z.string(),
});
export type RefusedLine = z.infer<typeof refusedLineSchema>;

export const importSchema = z.object({
  id: idSchema,
  fileName: z.string(),
  createdAt: z.iso.datetime(),
  /** `checking` → `validated` → (commit) → `running` → `done`; nothing is created before the commit. */
  state: z.enum(['checking', 'validated', 'running', 'done', 'cancelled']),
  /** Lines without the heading and without empty ones. */
  lines: z.number().int(),
  /** Lines that were held against the rules so far. */
  checked: z.number().int(),
  accepted: z.number().int(),
  refused: z.number().int(),
  /** Accepted lines that were worked off so far. */
  done: z.number().int(),
  /** Of these, people created. The rest was refused while it ran (an address taken meanwhile). */
  created: z.number().int(),
});
export type Import = z.infer<typeof importSchema>;

const importId = z.object({ id: idSchema });

/**
 * Body: the CSV file (UTF-8 or Windows-1252; comma, semicolon or tab). Validated whole, a long list (`checking`) after
 * the answer, with progress by `people.import-progressed`; nothing is created yet.
 * Refusals: 413 `too-large`, 400 `unreadable-csv` with line and reason, 400 `too-many-lines`, 400 `columns-missing`.
 */
export const uploadImport = defineRoute({
  method: 'POST',
  path: '/imports',
  access: 'session',
  summary: 'Upload a list of people and have it validated.',
  query: z.object({
    fileName: z.string().max(200).default('people.csv'),
    /** Country of numbers without `+`, ISO 3166-1 alpha-2. */
    region: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional(),
  }),
  raw: true,
  response: importSchema,
});

export const getImport = defineRoute({
  method: 'GET',
  path: '/imports/:id',
  access: 'session',
  summary: 'State of an import.',
  params: importId,
  response: importSchema,
});

export const listRefusedLines = defineRoute({
  method: 'GET',
  path: '/imports/:id/refused',
  access: 'session',
  summary: 'The report: each refused line with its reason.',
  params: importId,
  query: pageQuery,
  response: pageOf(refusedLineSchema),
});

/** What accepted lines hold, to look at before the commit and for the result page after it. */
export const listImportRows = defineRoute({
  method: 'GET',
  path: '/imports/:id/rows',
  access: 'session',
  summary: 'Accepted lines and what became of them.',
  params: importId,
  query: pageQuery,
  response: pageOf(
    z.object({
      line: z.number().int(),
      name: z.string(),
      address: z.string(),
      personId: idSchema.nullable(),
    }),
  ),
});

/**
 * Accepted lines become people (status `invited`) in batches; progress by `people.import-progressed`. Safe to repeat.
 * 409 `still-checking` before all lines were checked.
 */
export const commitImport = defineRoute({
  method: 'POST',
  path: '/imports/:id/commit',
  access: 'session',
  summary: 'Create the people of an import.',
  params: importId,
  response: importSchema,
});

export const cancelImport = defineRoute({
  method: 'DELETE',
  path: '/imports/:id',
  access: 'session',
  summary: 'Forget an import that was not committed; its check stops.',
  params: importId,
});

/** CSV `name,address,link`: fresh invitation links of the next people of the import who have not joined, 500 a time. */
export const makeImportLinks = defineRoute({
  method: 'POST',
  path: '/imports/:id/links',
  access: 'session',
  summary: 'Invitation links for the people of an import.',
  params: importId,
  query: z.object({ cursor: z.string().max(200).optional() }),
  response: pageOf(z.object({ name: z.string(), address: z.string(), link: z.url() })),
});
