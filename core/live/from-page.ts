import { z } from 'zod';
import type { FromPage } from '../contract/index.ts';

const schema = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('hello'),
    v: z.number().int(),
    build: z.string().max(100).optional(),
    positions: z
      .record(z.uuid(), z.number().int().min(0))
      .refine((positions) => Object.keys(positions).length <= 20_000, 'too many positions'),
    focused: z.boolean().optional(),
  }),
  z.object({
    t: z.literal('command'),
    id: z.number().int().min(0),
    name: z.string().max(80),
    params: z.unknown(),
  }),
  z.object({ t: z.literal('ping') }),
]);

/** Parses one message of a page; null when it is not one. Size is bounded by the socket. */
export function fromPage(text: string): FromPage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const result = schema.safeParse(value);
  return result.success ? (result.data as FromPage) : null;
}
