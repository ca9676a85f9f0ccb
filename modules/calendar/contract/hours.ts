import { defineRoute } from '@liaison/core/contract';
import { z } from 'zod';
import { zoneSchema } from './appointment.ts';

const dayMinutes = 1440;
const weekMinutes = 7 * dayMinutes;
/** Of a weekday; more is no working day. */
export const maxSpansOfDay = 6;

export const hoursSpanSchema = z.object({
  /** 1 Monday to 7 Sunday: on which it begins. */
  day: z.number().int().min(1).max(7),
  /** Minutes since that day's midnight. */
  fromMinute: z
    .number()
    .int()
    .min(0)
    .max(dayMinutes - 1),
  /** Beyond 1440 it ends on the day after. */
  toMinute: z
    .number()
    .int()
    .min(1)
    .max(2 * dayMinutes - 1),
});
export type HoursSpan = z.infer<typeof hoursSpanSchema>;

/** Which of them lie over another, the last of the week over the first too. */
export function overlapping(spans: readonly HoursSpan[]): ReadonlySet<HoursSpan> {
  const found = new Set<HoursSpan>();
  const at = ({ day, fromMinute }: HoursSpan) => (day - 1) * dayMinutes + fromMinute;
  const length = ({ fromMinute, toMinute }: HoursSpan) => toMinute - fromMinute;
  for (const one of spans) {
    for (const other of spans) {
      if (one === other) continue;
      const after = (at(other) - at(one) + weekMinutes) % weekMinutes;
      if (after < length(one)) found.add(one).add(other);
    }
  }
  return found;
}

const spans = z
  .array(hoursSpanSchema)
  .max(7 * maxSpansOfDay)
  .refine((given) => given.every(({ fromMinute, toMinute }) => toMinute > fromMinute), {
    error: 'An end comes after its beginning.',
  })
  .refine((given) => given.every(({ fromMinute, toMinute }) => toMinute - fromMinute <= dayMinutes), {
    error: 'At most 24 hours at once.',
  })
  .refine((given) => overlapping(given).size === 0, { error: 'Two of these hours overlap.' });

/** Pages of the program before read and write these. */
const sameEachDay = z.object({
  /** 1 Monday to 7 Sunday. */
  days: z.array(z.number().int().min(1).max(7)).max(7),
  /** Minutes since midnight. */
  fromMinute: z.number().int().min(0).max(1439),
  toMinute: z.number().int().min(1).max(1440),
});

const hours = sameEachDay.extend({ timeZone: zoneSchema, spans });
export type WorkingHours = z.infer<typeof hours>;
export const getWorkingHours = defineRoute({
  method: 'GET',
  path: '/calendar/working-hours',
  access: 'session',
  summary: 'When I work, day by day, as the finder of common times takes it.',
  response: hours,
});
export const setWorkingHours = defineRoute({
  method: 'PUT',
  path: '/calendar/working-hours',
  access: 'session',
  summary:
    'Says when I work: several spans a day, over midnight too, or the same hours on some days. The zone is that of my profile.',
  body: z.union([
    z.object({ spans }),
    sameEachDay.refine(({ fromMinute, toMinute }) => fromMinute < toMinute, {
      error: 'The end comes after the beginning.',
    }),
  ]),
  response: hours,
});
