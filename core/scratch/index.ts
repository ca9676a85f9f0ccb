import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'liaison-scratch-';
/** Nothing that is made in one takes so long. */
const leftAfterMs = 24 * 3_600_000;

/** A new folder for what is in the making, on the disk of this machine (`TMPDIR`), for us alone. Whoever asks for it removes it. */
export const makeScratchFolder = (purpose: string): Promise<string> =>
  mkdtemp(join(tmpdir(), `${prefix}${purpose}-`));

/** Removes what processes that were killed have left; answers how many folders went. */
export async function sweepScratch(now = Date.now()): Promise<number> {
  let gone = 0;
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    const found = await stat(folder).catch(() => undefined);
    // Somebody else's of that name is not ours to remove, and fails.
    if (found === undefined || found.mtimeMs > now - leftAfterMs) continue;
    const isGone = await rm(folder, { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (isGone) gone += 1;
  }
  return gone;
}
