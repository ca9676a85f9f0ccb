import { idSchema, oneLineSchema, roles } from '@liaison/core/contract';
import { z } from 'zod';

/** The four languages of the suite: interface, and texts that the server makes for somebody. */
export const languages = ['fr', 'en', 'es', 'pt'] as const;
export type Language = (typeof languages)[number];
export const languageSchema = z.enum(languages);

export const roleSchema = z.enum(roles);

/** `invited`: may be written to and found, has not signed in yet. `suspended`: keeps everything, may do nothing. */
export const personStatuses = ['active', 'invited', 'suspended'] as const;
export type PersonStatus = (typeof personStatuses)[number];
export const personStatusSchema = z.enum(personStatuses);

/** An IANA time zone that this machine knows, such as `America/Sao_Paulo`. */
export const timeZoneSchema = z
  .string()
  .max(64)
  .refine(
    (zone) => {
      try {
        // Offsets (`+01:00`) are accepted by Intl, but they know no summer: only named zones are.
        return /^[A-Za-z]/.test(zone) && Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
      } catch {
        return false;
      }
    },
    { error: 'This is no IANA time zone, such as Europe/Lisbon.' },
  );

/** `someone@example.org` in lower case: the one address for mail, telephone, calendar and chat. */
export const addressSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, {
    error: 'Write an address such as someone@example.org: letters without accents, digits, . _ and -.',
  })
  .refine((address) => !address.includes('..'), { error: 'Two dots may not follow each other.' });

/** Two to eight digits, dialled inside the organisation. */
export const extensionSchema = z
  .string()
  .trim()
  .regex(/^\d{2,8}$/, { error: 'An extension has two to eight digits.' });

export const nameSchema = oneLineSchema(120).min(1, { error: 'A name is needed.' });
/** A title or an office: a short line, or null for none. */
export const shortLineSchema = oneLineSchema(120)
  .transform((text) => text || null)
  .nullable();

/** A telephone number with its label. `e164` starts with `+`; what people type is parsed before it comes here. */
export const phoneNumberSchema = z.object({
  e164: z.string().regex(/^\+[1-9]\d{3,14}$/),
  label: z.enum(['work', 'mobile', 'home', 'other']),
});
export type PhoneNumber = z.infer<typeof phoneNumberSchema>;

/** What every screen shows of a person, and what other modules get by asking. */
export const personSummarySchema = z.object({
  id: idSchema,
  name: z.string(),
  address: z.string(),
  extension: z.string().nullable(),
  title: z.string().nullable(),
  office: z.string().nullable(),
  timeZone: z.string(),
  language: languageSchema,
  /** Version for `/api/v1/people/:id/photo?v=…`; null where initials are shown. */
  photo: z.string().nullable(),
  /** Role in the organisation's own space. */
  role: roleSchema,
  status: personStatusSchema,
});
export type PersonSummary = z.infer<typeof personSummarySchema>;

/** A team or group as it is named beside a person. */
export const spaceRefSchema = z.object({
  id: idSchema,
  kind: z.enum(['team', 'group']),
  name: z.string(),
});
export type SpaceRef = z.infer<typeof spaceRefSchema>;

/** One person's page. */
export const personSchema = personSummarySchema.extend({
  numbers: z.array(phoneNumberSchema),
  bio: z.string().nullable(),
  /** Languages that she speaks, as BCP 47 tags: `sw`, `pt-BR`. */
  speaks: z.array(z.string()),
  teams: z.array(spaceRefSchema.extend({ role: roleSchema })),
});
export type Person = z.infer<typeof personSchema>;

/** The organisation as its members see it. */
export const organisationSchema = z.object({
  id: idSchema,
  name: z.string(),
  /** Addresses end with it. */
  domain: z.string(),
  /** Digest realm of its SIP devices; stays as it was made, because every device's HA1 is bound to it. */
  realm: z.string(),
  /** What new people get; the first is the default. */
  languages: z.array(languageSchema).min(1),
  timeZone: z.string(),
  requireSecondFactor: z.boolean(),
  /** Who makes teams beside managers and owners: every member, or nobody. Guests never do. */
  teamMakers: z.enum(['members', 'managers']),
});
export type Organisation = z.infer<typeof organisationSchema>;
