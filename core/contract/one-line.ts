import { z } from 'zod';

/** A name or title that people type: one line without control characters, which would break lists, logs and SIP headers. */
export const oneLineSchema = (maxCharacters: number) =>
  z
    .string()
    .trim()
    .max(maxCharacters)
    .regex(/^\P{Cc}*$/u, { error: 'Write it on one line.' });
