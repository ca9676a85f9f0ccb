import { defineRoute } from '@liaison/core/contract';
import { z } from 'zod';

/** What owners and managers see of the machines and programs that serve them. */

const when = z.iso.datetime();

export const processSchema = z.object({
  id: z.uuid(),
  node: z.string(),
  pid: z.number().int(),
  duties: z.array(z.string()).max(20),
  version: z.string(),
  startedAt: when,
  /** When it said last that it is there. */
  beatAt: when,
  /** Others count on it; false once its lease has lapsed. */
  alive: z.boolean(),
  /** Takes nothing new on, and ends when what it has is over. */
  draining: z.boolean(),
  calls: z.number().int(),
  pages: z.number().int(),
  requests: z.number().int(),
  memoryBytes: z.number(),
  /** Of the disk with its data folder; null where it could not be asked. */
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }).nullable(),
  /** When the certificate of its own doors ends; null without doors for HTTPS. */
  certificateUntil: when.nullable(),
  /** How many of the other processes it hears over the bus. */
  hears: z.number().int(),
});
export type ProcessView = z.infer<typeof processSchema>;

/** What deserves somebody's look; the page has the words for each. */
export const warningSchema = z.object({
  code: z.enum([
    'process-gone',
    'versions-differ',
    'no-duty',
    'clock',
    'bus-partial',
    'disk-full',
    'disk-low',
    'certificate-ended',
    'certificate-soon',
    'backlog',
    'parked',
    'blobs',
    'standby-behind',
    'backup-failed',
    'backup-old',
  ]),
  /** The node, process, duty or standby it is about; '' where it is about all. */
  about: z.string(),
});
export type InstallationWarning = z.infer<typeof warningSchema>;

export const backupSchema = z.object({
  /** When the newest whole one ended. */
  at: when,
  /** Where it lies, without a secret: a folder, or host and bucket. */
  place: z.string().max(300),
  bytes: z.number(),
  /** Restored into an empty place and found whole; null: not tried yet. */
  verified: z.boolean().nullable(),
});
export type LastBackup = z.infer<typeof backupSchema>;

export const installationSchema = z.object({
  /** `eu`. */
  site: z.string(),
  processes: z.array(processSchema).max(500),
  database: z.object({
    version: z.string(),
    bytes: z.number(),
    lastMigration: z.object({ name: z.string(), at: when }).nullable(),
    standbys: z
      .array(
        z.object({
          name: z.string(),
          state: z.string(),
          bytesBehind: z.number().nullable(),
          secondsBehind: z.number().nullable(),
        }),
      )
      .max(20),
  }),
  /** Age of the oldest event that somebody has still to react to. */
  backlogSeconds: z.number(),
  parked: z.number().int(),
  bus: z.enum(['none', 'nats']),
  blobs: z.object({ kind: z.enum(['folder', 'store']), ok: z.boolean().nullable(), at: when.nullable() }),
  /** As whoever keeps them told last; `good` is null where none is known of. */
  backup: z.object({ good: backupSchema.nullable(), failing: z.boolean() }),
  warnings: z.array(warningSchema).max(100),
});
export type Installation = z.infer<typeof installationSchema>;

/**
 * For owners and managers of the organisation that set the installation up: it serves all others too, and what it does for these is
 * nobody else's to see. Those of another organisation get null.
 */
export const getInstallation = defineRoute({
  method: 'GET',
  path: '/sites/installation',
  access: 'session',
  summary:
    'The processes that serve, with their load, the database, bus, blobs and backups, and what deserves a look.',
  response: z.object({ installation: installationSchema.nullable() }),
});

/** What people use, as the public page of the state names it. */
export const statusParts = ['sign-in', 'chat', 'calls', 'pages'] as const;
export type StatusPart = (typeof statusParts)[number];
