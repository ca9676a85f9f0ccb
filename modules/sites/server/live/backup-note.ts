import { z } from 'zod';
import { backupSchema } from '../../contract/installation.ts';

/** What is noted of backups for the administration. */
export const backupNote = z.object({ good: backupSchema.nullable(), failing: z.boolean() });
export type BackupNote = z.infer<typeof backupNote>;

/** What the process that keeps backups tells; see `core/backup`. */
export interface BackupTold {
  readonly lastBase:
    | { readonly endedAt: string; readonly storedBytes: number; readonly verified: boolean | undefined }
    | undefined;
  readonly faults: Readonly<Record<string, string | undefined>>;
}

/** @param to where they lie, as the setting has it: a key in it is left out. */
export function noteOf({ lastBase, faults }: BackupTold, to: string): BackupNote {
  const url = new URL(to);
  return {
    good: lastBase
      ? {
          at: new Date(lastBase.endedAt).toISOString(),
          place: `${url.host}${decodeURIComponent(url.pathname)}`.slice(0, 300),
          bytes: lastBase.storedBytes,
          verified: lastBase.verified ?? null,
        }
      : null,
    failing: Object.values(faults).some((each) => each !== undefined),
  };
}
