import { createHmac } from 'node:crypto';
import { chmod, link, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError, storageError, systemCode } from '@liaison/core/config';
import { createToken, masterKeyFile, openSecrets } from '@liaison/core/secrets';
import type { Site } from '../contract/index.ts';
import { masterKey } from './render/processes.ts';

/** The values of a site's secrets: one file each, in a folder that nobody else may enter. */
export interface SiteSecrets {
  /** Those that `make` will make, because any random value will do. */
  readonly toMake: readonly string[];
  /** A few digits that change with the value and do not tell it; `unmade` where there is none yet. */
  mark(name: string): string;
}

const mostBytes = 500_000;

/** Secrets whose values somebody else decides. */
export function givenSecrets(site: Site): ReadonlySet<string> {
  const given: ({ secret: string } | undefined)[] = [];
  if (site.postgres.kind === 'external') given.push(site.postgres.password);
  if (site.blobs.kind === 's3') given.push(site.blobs.accessKey, site.blobs.secretKey);
  if (site.backups?.to.kind === 's3') given.push(site.backups.to.accessKey, site.backups.to.secretKey);
  const certificate = site.edge?.certificate;
  if (certificate?.kind === 'own') given.push(certificate.certificate, certificate.key);
  if (certificate?.kind === 'acme') given.push(certificate.authority);
  return new Set(given.flatMap((one) => (one === undefined ? [] : [one.secret])));
}

/**
 * Reads the values that a site needs. Throws a `StartError` that names those which only their owner can put there; with
 * `make` the others are made.
 */
export async function readSecrets(options: {
  site: Site;
  names: readonly string[];
  folder: string;
  make: boolean;
}): Promise<SiteSecrets> {
  const { site, names, folder, make } = options;
  try {
    const values = new Map<string, Buffer>();
    for (const name of names) {
      const value = await readValue(join(folder, name));
      if (value !== undefined) values.set(name, value);
    }
    const missing = names.filter((name) => !values.has(name));
    const given = givenSecrets(site);
    const owed = missing.filter((name) => given.has(name));
    if (owed.length > 0 && make) {
      throw new StartError({
        what: `${owed.join(', ')}: ${owed.length === 1 ? 'this secret is' : 'these secrets are'} not in ${folder}`,
        mend: `put each into a file of its name there, such as ${join(folder, owed[0] ?? '')}`,
      });
    }
    if (make) for (const name of missing) values.set(name, await makeValue(folder, name));
    const key = values.get(masterKey) ?? Buffer.alloc(0);
    return {
      toMake: make ? [] : missing.filter((name) => !given.has(name)),
      mark(name) {
        const value = values.get(name);
        // Keyed, so that the mark of a weak password, which every manager can read, helps nobody to guess it.
        return value === undefined
          ? 'unmade'
          : createHmac('sha256', key).update(name).update('\0').update(value).digest('hex').slice(0, 10);
      },
    };
  } catch (error) {
    throw error instanceof StartError ? error : storageError(error, folder);
  }
}

async function readValue(file: string): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(file);
    if (size === 0 || size > mostBytes) {
      const what = `${file} holds ${size} bytes`;
      throw new StartError({
        what,
        mend: 'put the secret into it; the most that a secret may have is 500 kB',
      });
    }
    return await readFile(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The folder is closed to others and the files in it are open: a container of one machine is given the file itself, and
 * reads it as a user that this machine does not know.
 */
async function makeValue(folder: string, name: string): Promise<Buffer> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const scratch = await mkdtemp(join(folder, '.making-'));
  try {
    const value = name === masterKey ? await newMasterKey(scratch) : Buffer.from(`${createToken()}\n`);
    const partial = join(scratch, name);
    await writeFile(partial, value, { flag: 'wx', mode: 0o444 });
    await chmod(partial, 0o444);
    try {
      // Linking refuses an existing name: of two operators at once one value wins for both.
      await link(partial, join(folder, name));
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    return (await readValue(join(folder, name))) ?? value;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function newMasterKey(scratch: string): Promise<Buffer> {
  const dataFolder = join(scratch, 'data');
  try {
    await openSecrets({ dataFolder });
  } catch (error) {
    // It names a setting of a running server, which this is not.
    if (error instanceof StartError)
      throw new StartError({ what: error.what, mend: error.mend, cause: error });
    throw error;
  }
  return readFile(masterKeyFile(dataFolder));
}
