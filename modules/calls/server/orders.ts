import { z } from 'zod';
import { transferOrders } from './transfer/orders.ts';

/** What a page or another process may ask of the process that owns a call. */
export const orders = z.discriminatedUnion('order', [
  z.object({ order: z.literal('view'), personId: z.uuid() }),
  /** Of an administrator: how it is, and that it end. */
  z.object({ order: z.literal('inspect') }),
  z.object({ order: z.literal('end') }),
  z.object({ order: z.literal('answer'), personId: z.uuid(), connectionId: z.string() }),
  z.object({ order: z.literal('leave'), personId: z.uuid() }),
  z.object({ order: z.literal('hold'), personId: z.uuid(), held: z.boolean() }),
  z.object({ order: z.literal('take'), personId: z.uuid(), connectionId: z.string() }),
  z.object({ order: z.literal('page-lost'), connectionId: z.string() }),
  z.object({
    order: z.literal('describe'),
    personId: z.uuid(),
    connectionId: z.string(),
    round: z.number(),
    sdp: z.string(),
  }),
  z.object({
    order: z.literal('media'),
    personId: z.uuid(),
    connectionId: z.string(),
    round: z.number(),
    state: z.enum(['connected', 'failed']),
  }),
  z.object({ order: z.literal('offer-picture'), personId: z.uuid(), connectionId: z.string() }),
  ...transferOrders,
]);
export type Order = z.infer<typeof orders>;
