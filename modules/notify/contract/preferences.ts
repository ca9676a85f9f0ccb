import { idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import { newsKindSchema } from './news.ts';

/** `now`: in the list and pushed; `digest`: gathered once a day; `never`: neither listed nor counted. */
export const whens = ['now', 'digest', 'never'] as const;
export const whenSchema = z.enum(whens);
export type When = z.output<typeof whenSchema>;

export const kindPreferenceSchema = z.object({
  kind: newsKindSchema,
  when: whenSchema,
  /** What holds when she says nothing. */
  usual: whenSchema,
  needsMe: z.boolean(),
});
export type KindPreference = z.output<typeof kindPreferenceSchema>;

/** What holds in one space, or one conversation, file tree or calendar in it; of one kind, or of all. */
export const placePreferenceSchema = z.object({
  spaceId: idSchema,
  /** A conversation, for instance; null is the whole space. */
  containerId: idSchema.nullable(),
  /** Null is every kind. */
  kind: newsKindSchema.nullable(),
  when: whenSchema,
});
export type PlacePreference = z.output<typeof placePreferenceSchema> & { readonly name: string };

/** So many may be set. */
export const mostPlacePreferences = 500;

export const clockTimeSchema = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);
const zoneSchema = z
  .string()
  .max(64)
  .refine((zone) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      return /^[A-Za-z]/.test(zone);
    } catch {
      return false;
    }
  }, 'an IANA time zone, for instance Europe/Lisbon');

/** When nothing is pushed. The list and its counts go on; an incoming call rings unless `calls` is `silent`. */
export const quietSchema = z.object({
  on: z.boolean(),
  /** Days on which the quiet hours begin: 1 Monday to 7 Sunday. */
  days: z.array(z.number().int().min(1).max(7)).max(7),
  from: clockTimeSchema,
  /** On the next day where it is not after `from`; the same time is a whole day. */
  until: clockTimeSchema,
  /** Null: the person's own zone, as her profile says it. */
  zone: zoneSchema.nullable(),
  /** Whether incoming calls are pushed in quiet hours, and ring on hidden pages. */
  calls: z.enum(['ring', 'silent']),
});
export type Quiet = z.output<typeof quietSchema>;

export const timesSchema = z.object({
  quiet: quietSchema,
  /** While she is in a call or meeting, or asks not to be disturbed: only incoming calls are pushed, or everything. */
  inCalls: z.enum(['calls-only', 'everything']),
  /** When the digest comes, on the clock of the same zone. */
  digestAt: clockTimeSchema,
});
export type Times = z.output<typeof timesSchema>;

export const usualTimes: Times = {
  quiet: { on: false, days: [1, 2, 3, 4, 5, 6, 7], from: '20:00', until: '07:00', zone: null, calls: 'ring' },
  inCalls: 'calls-only',
  digestAt: '08:00',
};
