import { createHash, randomBytes } from 'node:crypto';
import {
  access,
  chmod,
  constants,
  mkdir,
  readdir,
  readFile,
  realpath,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StartError, storageError, systemCode } from '../config/index.ts';
import { ensureSystemUser, type SystemUser } from './system-user.ts';

/** Where the embedded PostgreSQL of one data folder lies, and who runs it. */
export interface Place {
  /** The folder of everything below. */
  folder: string;
  /** The database itself (PGDATA); moved here only when it is complete. */
  cluster: string;
  /** Password of the superuser, mode 0600. */
  passwordFile: string;
  /** Set where this process is root: the unprivileged user that PostgreSQL runs as. */
  user: SystemUser | undefined;
}

/** The folder that takes databases whose data folder the database's user cannot reach. */
export const systemFolder = '/var/lib/liaison';

/** The mark of a restore that has not come to its end; a data folder with it is not used. */
export const unfinishedRestore = 'restore-unfinished';

/**
 * Finds or makes the place. It is `<data folder>/postgres`, unless root starts Liaison on a data folder that an
 * unprivileged user cannot reach (a root-only home, say): then it is a folder of its own below `systemFolder`, and
 * `<data folder>/postgres/elsewhere` names it, so that later starts agree whatever has changed in between.
 */
export async function preparePlace(options: {
  dataFolder: string;
  systemFolder?: string;
  isRestore?: boolean;
}): Promise<Place> {
  if (
    !options.isRestore &&
    (await readFileIfAny(join(options.dataFolder, unfinishedRestore))) !== undefined
  ) {
    const what = `${options.dataFolder} holds a restore that was not finished`;
    throw new StartError({ what, setting: 'LIAISON_DATA', mend: 'empty the folder and restore again' });
  }
  try {
    const known = await findPlace(options.dataFolder);
    if (known !== undefined) return known;
    return await makePlace(options.dataFolder, options.systemFolder ?? systemFolder);
  } catch (error) {
    throw storageError(error, options.dataFolder);
  }
}

/** The place of a data folder that has a complete database, or undefined. Changes nothing. */
export async function findPlace(dataFolder: string): Promise<Place | undefined> {
  const inside = join(dataFolder, 'postgres');
  const elsewhere = (await readFileIfAny(join(inside, 'elsewhere')))?.trim();
  const folder = elsewhere ?? inside;
  let owner: Awaited<ReturnType<typeof stat>>;
  try {
    owner = await stat(join(folder, 'cluster'));
    await access(join(folder, 'cluster'), constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    const what = `the database in ${folder} belongs to another user`;
    throw new StartError({
      what,
      setting: 'LIAISON_DATA',
      mend: 'start as the user who started it first',
      cause: error,
    });
  }
  const isRoot = process.getuid?.() === 0;
  if (isRoot && owner.uid === 0) {
    const what = `the database in ${folder} belongs to root, as whom PostgreSQL refuses to run`;
    throw new StartError({
      what,
      setting: 'LIAISON_DATA',
      mend: 'restore it from a backup into a new data folder',
    });
  }
  return placeIn(folder, isRoot ? { uid: owner.uid, gid: owner.gid } : undefined);
}

/** Databases that earlier data folders of the same path left in the system folder. */
export async function abandonedPlaces(dataFolder: string, place: Place): Promise<string[]> {
  if (dirname(place.folder) === dataFolder) return [];
  const prefix = pathHash(await realpath(dataFolder));
  const names = await readdir(dirname(place.folder));
  return names
    .filter((name) => name.startsWith(`${prefix}-`) && name !== basename(place.folder))
    .map((name) => join(dirname(place.folder), name));
}

async function makePlace(dataFolder: string, outside: string): Promise<Place> {
  const isRoot = process.getuid?.() === 0;
  await mkdir(dataFolder, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  const inside = join(dataFolder, 'postgres');
  if (!isRoot) {
    await mkdir(inside, { recursive: true, mode: 0o700 });
    return placeIn(inside, undefined);
  }
  const user = await ensureSystemUser();
  if (await isReachable(dirname(await realpath(dataFolder)), user)) {
    // The folder itself is ours: others may pass through it, and see nothing of what is in it.
    await chmod(dataFolder, ((await stat(dataFolder)).mode & 0o777) | 0o011);
    await mkdir(inside, { recursive: true });
    await chmod(inside, 0o711);
    return placeIn(inside, user);
  }
  await mkdir(inside, { recursive: true, mode: 0o700 });
  // A new name each time: a data folder that was emptied must not meet its old database again, without its old keys.
  const known = (await readFileIfAny(join(inside, 'elsewhere')))?.trim();
  const name = `${pathHash(await realpath(dataFolder))}-${randomBytes(3).toString('hex')}`;
  const folder = known ?? join(outside, name);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
  if (!(await isReachable(folder, user))) {
    const what = `neither ${dataFolder} nor ${folder} can be reached by the database's user`;
    throw new StartError({
      what,
      setting: 'LIAISON_DATA',
      mend: 'name a folder outside root’s home, such as /srv/liaison',
    });
  }
  await writeFile(join(inside, 'elsewhere'), `${folder}\n`, { mode: 0o600 });
  return placeIn(folder, user);
}

function placeIn(folder: string, user: SystemUser | undefined): Place {
  return { folder, cluster: join(folder, 'cluster'), passwordFile: join(folder, 'password'), user };
}

function pathHash(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 10);
}

/** Whether a user who owns nothing of ours may pass through a folder and all above it. */
async function isReachable(folder: string, user: SystemUser): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    const { mode, uid, gid } = await stat(path);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

async function readFileIfAny(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
