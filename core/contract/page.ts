import { z } from 'zod';

export const idSchema = z.uuid();

/** Keyset paging: `cursor` is opaque and comes from the page before; absent for the first. */
export const pageQuery = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** A page of rows; `next` is null on the last one. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ rows: z.array(row), next: z.string().nullable() });
