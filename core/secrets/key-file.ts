import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartError, storageError, systemCode } from '../config/index.ts';

export interface MasterKey {
  /** Eight hexadecimal digits, in every sealed value. */
  id: string;
  createdAt: Date;
  /** 32 random bytes. */
  bytes: Buffer;
}

const header =
  '# Master keys of Liaison. Whoever reads this file can read every sealed secret; without it nobody can.\n';
const line = /^([0-9a-f]{8}) (\S{20,30}) ([A-Za-z0-9_-]{43})$/;

/** Reads the keys, oldest first. Makes the folder and a first key when there is none. */
export async function readOrCreateKeys(file: string): Promise<MasterKey[]> {
  try {
    const keys = await readKeys(file);
    if (keys !== undefined) return keys;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await chmod(dirname(file), 0o700);
    const first = createKey();
    const temporary = await writeBeside(file, [first]);
    try {
      // Linking refuses an existing name: of two processes that start together one key wins for both.
      await link(temporary, file);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    } finally {
      await rm(temporary, { force: true });
    }
    await syncFolder(dirname(file));
    return (await readKeys(file)) ?? [first];
  } catch (error) {
    throw storageError(error, file);
  }
}

/** Reads the keys, oldest first, or undefined when there is no file. */
export async function readKeys(file: string): Promise<MasterKey[] | undefined> {
  let text: string;
  try {
    const { mode, size } = await stat(file);
    if ((mode & 0o077) !== 0) {
      throw new StartError({
        what: `others can read ${file}`,
        setting: 'LIAISON_DATA',
        mend: `chmod 600 ${file}`,
      });
    }
    if (size > 1_000_000) throw damaged(file);
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const keys = text
    .split('\n')
    .filter((row) => row !== '' && !row.startsWith('#'))
    .map((row): MasterKey => {
      const [, id = '', createdAt = '', bytes = ''] = line.exec(row) ?? [];
      if (id === '' || Number.isNaN(Date.parse(createdAt))) throw damaged(file);
      return { id, createdAt: new Date(createdAt), bytes: Buffer.from(bytes, 'base64url') };
    });
  if (keys.length === 0 || new Set(keys.map((key) => key.id)).size !== keys.length) throw damaged(file);
  return keys;
}

/** Adds a key, which from now on seals. The file is replaced whole, so a crash leaves the old or the new one. */
export async function addKey(file: string): Promise<MasterKey[]> {
  const keys = [...((await readKeys(file)) ?? []), createKey()];
  const temporary = await writeBeside(file, keys);
  await rename(temporary, file);
  await syncFolder(dirname(file));
  return keys;
}

function createKey(): MasterKey {
  return { id: randomBytes(4).toString('hex'), createdAt: new Date(), bytes: randomBytes(32) };
}

async function writeBeside(file: string, keys: MasterKey[]): Promise<string> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  const rows = keys.map(
    (key) => `${key.id} ${key.createdAt.toISOString()} ${key.bytes.toString('base64url')}\n`,
  );
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(header + rows.join(''));
    await handle.sync();
  } finally {
    await handle.close();
  }
  return temporary;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function damaged(file: string): StartError {
  const mend = 'put the file back from a backup; sealed secrets cannot be read without it';
  return new StartError({ what: `${file} is damaged`, setting: 'LIAISON_DATA', mend });
}
