import { randomBytes } from 'node:crypto';
import { open, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError, storageError, systemCode } from '../config/index.ts';
import { failed, good, type Said, type Step, warning } from './finding.ts';

const MiB = 2 ** 20;

/** The folders of this machine that must have room and let us write: data, and blobs where they lie in a folder of their own. */
export const diskStep: Step = {
  name: 'disk',
  limitMs: 10_000,
  async look({ settings }) {
    const folders = new Map([[settings.dataFolder, 'LIAISON_DATA']]);
    if (settings.blobsUrl.startsWith('file:')) {
      const blobs = fileURLToPath(settings.blobsUrl);
      if (!blobs.startsWith(`${settings.dataFolder}/`)) folders.set(blobs, 'BLOBS_URL');
    }
    const said: Said[] = [];
    for (const [folder, setting] of folders) said.push(...(await lookAt(folder, setting)));
    return said;
  },
};

async function lookAt(folder: string, setting: string): Promise<Said[]> {
  const there = await stat(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw storageError(error, folder, setting);
  });
  if (there === null)
    return [
      failed(
        `${folder} is not there`,
        `start the server once, which makes it, or name the right folder in ${setting}`,
      ),
    ];
  const { bsize, blocks, bavail } = await statfs(folder);
  const room = judgeRoom(folder, { freeBytes: bsize * bavail, totalBytes: bsize * blocks });
  const refused = await tryWriting(folder, setting);
  return refused ? [room, refused] : [room];
}

/** Exported for its test. */
export function judgeRoom(
  folder: string,
  { freeBytes, totalBytes }: { freeBytes: number; totalBytes: number },
): Said {
  const part = totalBytes === 0 ? 0 : freeBytes / totalBytes;
  const figure = { value: Math.floor(freeBytes / MiB), unit: 'MiB free' };
  const words = `${folder} has ${shown(freeBytes)} free of ${shown(totalBytes)}`;
  const mend =
    'make room, or give it a larger disk: a full one stops the database, and nothing is taken any more';
  if (freeBytes < 200 * MiB && part < 0.5) return failed(`${words}: full`, mend, figure);
  if (part < 0.02) return failed(`${words}: full`, mend, figure);
  if (part < 0.1 && freeBytes < 50 * 1024 * MiB) return warning(`${words}: nearly full`, mend, figure);
  return good(words, figure);
}

const shown = (bytes: number): string =>
  bytes >= 1024 * MiB
    ? `${(bytes / 1024 / MiB).toFixed(1)} GiB`
    : `${(bytes / MiB).toFixed(bytes < 10 * MiB ? 1 : 0)} MiB`;

async function tryWriting(folder: string, setting: string): Promise<Said | null> {
  const file = join(folder, `.doctor-${randomBytes(6).toString('hex')}`);
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(randomBytes(64 * 1024));
      await handle.sync();
    } finally {
      await handle.close();
    }
    return null;
  } catch (error) {
    const refusal = storageError(error, folder, setting);
    return refusal instanceof StartError
      ? failed(refusal.what, `${refusal.mend} (${setting})`)
      : failed(`${folder} cannot be written: ${refusal.message}`, 'look at that folder');
  } finally {
    await rm(file, { force: true }).catch(() => {});
  }
}
