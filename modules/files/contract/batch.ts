import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** What is larger goes by tus, alone: of a batch that is cut nothing is kept. */
export const largestInBatchBytes = 64 * 1024;
export const maxBatchFiles = 200;
/** All contents of one batch. */
export const maxBatchBytes = 2 * 1024 ** 2;
/** The line before them. */
export const maxBatchLineBytes = 256 * 1024;

/** One file as a batch's line tells of it. Names are looked at by `nameFault`. */
export const batchFileSchema = z.object({
  folderId: idSchema,
  name: z.string().max(1000),
  /** What it calls itself: shown and never believed. */
  type: z.string().max(300).default(''),
  bytes: z.number().int().min(0).max(largestInBatchBytes),
});
export type BatchFile = z.input<typeof batchFileSchema>;
export const batchLineSchema = z.object({ files: z.array(batchFileSchema).min(1).max(maxBatchFiles) });

export const batchResultSchema = z.union([
  /** `same`: these bytes were there under this name already, and nothing was made. */
  z.object({ state: z.enum(['created', 'version', 'same']), nodeId: idSchema }),
  z.object({
    state: z.literal('refused'),
    problem: z.object({
      type: z.string(),
      title: z.string(),
      status: z.number(),
      code: z.string(),
      detail: z.string().optional(),
      errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
      retryAfterSeconds: z.number().optional(),
    }),
  }),
]);
export type BatchResult = z.infer<typeof batchResultSchema>;

/**
 * Many small files with one request, of one folder or of several: `application/octet-stream`, one line of JSON (UTF-8, ended by a
 * line feed) that names them with their lengths, and then their contents in that order with nothing between. Multipart would have a
 * parser look through every byte for its boundary and allow headers, encodings and nested parts that nobody needs; here the line is
 * bounded, says what follows, and a body that is one byte shorter or longer is not what was sent.
 *
 * Each file has its own result, in the order of the line; one that is refused keeps no other from being taken. What is not whole or
 * not understood is refused as a whole (400 `files-batch`, 413, 415), and nothing of it is kept. What is answered is on the disk.
 * Whoever heard no answer sends the same again: bytes that are there under their name already are the file that is there, and no
 * new version. 503 `busy` where its sender has too many on their way.
 */
export const sendBatch = defineRoute({
  method: 'POST',
  path: '/files/batches',
  access: 'session',
  summary: 'Small files in one request; each is taken or refused by itself.',
  raw: true,
  response: z.object({ results: z.array(batchResultSchema).max(maxBatchFiles) }),
});

/** What stands before the contents. */
export const batchLine = (files: readonly BatchFile[]): string => `${JSON.stringify({ files })}\n`;
