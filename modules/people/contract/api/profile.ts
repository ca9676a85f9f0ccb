import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import { languageSchema, nameSchema, personSchema, shortLineSchema, timeZoneSchema } from '../person.ts';

const personId = z.object({ id: idSchema });

/** What came in is parsed to E.164 by the server; `region` is where a number without `+` is from (`PT`). */
export const numberInputSchema = z.object({
  number: z.string().trim().min(3).max(40),
  label: z.enum(['work', 'mobile', 'home', 'other']).default('work'),
});

/** A person changes her own page; managers change other people's. What is left out stays. */
export const changeProfile = defineRoute({
  method: 'PATCH',
  path: '/people/:id',
  access: 'session',
  summary: 'Change a profile.',
  params: personId,
  body: z
    .object({
      name: nameSchema,
      title: shortLineSchema,
      office: shortLineSchema,
      timeZone: timeZoneSchema,
      language: languageSchema,
      bio: z
        .string()
        .trim()
        .max(1000)
        .transform((text) => text || null)
        .nullable(),
      speaks: z.array(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)).max(12),
      numbers: z.array(numberInputSchema).max(10),
      /** Country of numbers without `+`, ISO 3166-1 alpha-2. */
      region: z.string().regex(/^[A-Z]{2}$/),
    })
    .partial(),
  response: personSchema,
});

/** The largest photo that is taken, in bytes; it is kept as WebP of 256 by 256 pixels. */
export const maxPhotoBytes = 10 * 1024 * 1024;

/** Body: the bytes of a JPEG, PNG, WebP, AVIF, GIF or TIFF. Refusals: 413 `too-large`, 415 `not-an-image`. */
export const setPhoto = defineRoute({
  method: 'PUT',
  path: '/people/:id/photo',
  access: 'session',
  summary: 'Set the photo.',
  params: personId,
  raw: true,
  response: z.object({ photo: z.string() }),
});

export const removePhoto = defineRoute({
  method: 'DELETE',
  path: '/people/:id/photo',
  access: 'session',
  summary: 'Remove the photo; initials are shown.',
  params: personId,
});

/** `image/webp`; with `v` it may be kept by the browser for ever. */
export const getPhoto = defineRoute({
  method: 'GET',
  path: '/people/:id/photo',
  access: 'session',
  summary: 'The photo.',
  params: personId,
  query: z.object({ v: z.string().max(64).optional() }),
});
