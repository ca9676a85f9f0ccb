import { z } from 'zod';
import { StartError } from '../config/index.ts';

/** What a part of a restore is told. Secrets are among it, so neither a command line nor an environment has it. */
const schema = z.strictObject({
  /** Address of the place. */
  store: z.string().min(1).max(4000),
  /** The file of the identity, as it is. */
  identity: z.string().min(1).max(100_000),
  until: z.iso.datetime().optional(),
  base: z.string().max(200).optional(),
  /** Address of the store of blobs. */
  blobs: z.string().min(1).max(4000).optional(),
  /** To whom a cluster belongs. */
  user: z.strictObject({ uid: z.int().min(0), gid: z.int().min(0) }).optional(),
});
export type RestoreRequest = z.output<typeof schema>;

/** Throws a `StartError` that names fields and no value of theirs. */
export function readRestoreRequest(text: string): RestoreRequest {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const fields = error instanceof z.ZodError ? error.issues.map(({ path }) => path.join('.')) : [];
    throw new StartError({
      what: `standard input is not what it should be${fields.length === 0 ? '' : `: ${fields.join(', ')}`}`,
      mend: 'let site restore start this',
    });
  }
}
