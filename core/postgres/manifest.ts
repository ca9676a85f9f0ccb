import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StartError, systemCode } from '../config/index.ts';

/** A path below the backup's folder: no way out of it, and no character that means something elsewhere. */
const relativePath = z
  .string()
  .max(500)
  .regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/)
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'));

const manifestSchema = z.object({
  format: z.literal('liaison-backup-1'),
  createdAt: z.iso.datetime(),
  postgresMajor: z.number().int().positive(),
  /** Position in the write-ahead log at which the copy of the database is whole. */
  endLsn: z.string().max(40),
  folders: z.array(relativePath).max(100_000),
  files: z
    .array(
      z.object({
        path: relativePath,
        bytes: z.number().int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(2_000_000),
  /** Blobs are not listed: the name of each is its sum. */
  blobs: z.object({ count: z.number().int().min(0), bytes: z.number().int().min(0) }),
});

/** What is in a backup; written last, so that a backup with one is complete. */
export type Manifest = z.infer<typeof manifestSchema>;

export const manifestName = 'manifest.json';

/** Reads the manifest of a backup. Throws a `StartError` for a folder that is no whole backup. */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, manifestName);
  let json: unknown;
  try {
    if ((await stat(file)).size > 500_000_000) throw new Error('it is too large');
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const what =
      systemCode(error) === 'ENOENT'
        ? `${folder} is not a backup, or an unfinished one`
        : `${file} cannot be read`;
    throw new StartError({ what, mend: 'name the folder that `backup` wrote', cause: error });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new StartError({
    what: `${file} is damaged or of another version (${where})`,
    mend: 'name another backup',
  });
}
