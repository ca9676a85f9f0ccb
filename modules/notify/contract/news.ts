import { idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** `module.noun`, as its module offers it (`core/news`). Screens word the kinds they know, and show title and text of others. */
export const newsKindSchema = z.string().regex(/^[a-z-]{1,40}\.[a-z-]{1,60}$/);

/** One thing that happened and concerns this person. What it says is read anew whenever it is asked for. */
export const newsSchema = z.object({
  id: idSchema,
  groupId: idSchema,
  kind: newsKindSchema,
  /** Waits for an answer or was meant for this person alone: a mention, a direct message, a missed call, an invitation. */
  needsMe: z.boolean(),
  at: z.iso.datetime(),
  /** Null while unread. */
  readAt: z.iso.datetime().nullable(),
  /** Who did it, where it was somebody. */
  personId: idSchema.nullable(),
  /** What it is about: a conversation's, file's, team's or appointment's name; who calls. At most 200 characters. */
  title: z.string(),
  /** Of what was said, one line without markup; at most 160 characters; empty where there is none. */
  text: z.string(),
  /** The address of its page, from `/` on. */
  path: z.string(),
  /** Of an appointment: when it begins. */
  startsAt: z.iso.datetime().nullable(),
  /** Of a digest: how many news it gathers (`listDigest`); null of everything else. */
  gathers: z.number().int().nullable(),
});
export type News = z.output<typeof newsSchema>;

/** All news of one conversation, file, call partner or appointment. */
export const newsGroupSchema = z.object({
  id: idSchema,
  /** The space it lies in; null where it lies in none, as a digest. */
  spaceId: idSchema.nullable(),
  /** Unread ones; counted up to 100. */
  unread: z.number().int(),
  /** Unread ones that need this person. The list begins with groups in which there are some. */
  needsMe: z.number().int(),
  /** Who did the newest of it, each once, the last one first; at most 5. */
  personIds: z.array(idSchema).max(5),
  /** The newest unread that needs her, else the newest unread, else the newest. */
  latest: newsSchema,
});
export type NewsGroup = z.output<typeof newsGroupSchema>;

/** The same numbers everywhere: bell, title, app badge, telephones. Counted up to 1,000. */
export const newsCountSchema = z.object({
  unread: z.number().int(),
  /** The one number for title, app badge and rail. */
  needsMe: z.number().int(),
});
export type NewsCount = z.output<typeof newsCountSchema>;
