import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError, storageError, systemCode } from '../config/index.ts';
import type { Binaries } from './binaries.ts';
import type { Place } from './place.ts';
import { spawnGuarded } from './processes.ts';

export const superuser = 'postgres';
export const databaseName = 'liaison';

const partialPrefix = 'cluster.partial-';

/** Whether the place has a database. A cluster has its name only when it is complete. */
export async function hasCluster(place: Place): Promise<boolean> {
  return (await readVersion(place)) !== undefined;
}

/**
 * Makes the cluster with its one database under another name and gives it its own at the end: killed at any moment, it
 * is either not there or whole. UTF-8 with PostgreSQL's built-in locale, so that no index ever depends on the
 * system's libraries; who needs a language's order asks for an ICU collation.
 */
export async function createCluster(place: Place, binaries: Binaries): Promise<void> {
  const partial = join(place.folder, `${partialPrefix}${randomBytes(4).toString('hex')}`);
  const handover = `${partial}.password`;
  const password = await readOrCreatePassword(place);
  const run = (program: string, args: string[], input?: string) =>
    runProgram(place, binaries, { program, args, input });
  try {
    await mkdir(partial, { mode: 0o700 });
    await writeFile(handover, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (place.user !== undefined) {
      await chown(partial, place.user.uid, place.user.gid);
      await chown(handover, place.user.uid, place.user.gid);
    }
    await run(binaries.initdb, [
      ...['--pgdata', partial, '--username', superuser, '--pwfile', handover, '--auth', 'scram-sha-256'],
      ...[
        '--encoding',
        'UTF8',
        '--locale',
        'C',
        '--locale-provider',
        'builtin',
        '--builtin-locale',
        'C.UTF-8',
      ],
      '--no-instructions',
    ]);
    await run(
      binaries.postgres,
      ['--single', '-D', partial, 'postgres'],
      `CREATE DATABASE ${databaseName}\n`,
    );
    await rename(partial, place.cluster);
    await syncFolder(place.folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
    throw storageError(error, place.folder);
  } finally {
    await rm(handover, { force: true }).catch(() => {});
  }
}

/** Removes what unfinished starts left. Only under the place's lock. */
export async function removePartialClusters(place: Place): Promise<void> {
  for (const name of await readdir(place.folder)) {
    if (name.startsWith(partialPrefix))
      await rm(join(place.folder, name), { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Refuses a cluster of another major version than the program's. */
export async function checkVersion(place: Place, binaries: Binaries): Promise<void> {
  const version = await readVersion(place);
  if (version === binaries.major) return;
  throw new StartError({
    what: `the database in ${place.folder} was made by PostgreSQL ${version}, and this program brings ${binaries.major}`,
    setting: 'LIAISON_DATA',
    mend: 'start the version of Liaison that made it, or name another data folder',
  });
}

/** Only this machine's loopback, only with a password; written at every start so that it stays true. */
export async function writeAccessRules(place: Place): Promise<void> {
  const rules = ['host all all 127.0.0.1/32 scram-sha-256', ''].join('\n');
  const file = join(place.cluster, 'pg_hba.conf');
  if ((await readFile(file, 'utf8').catch(() => '')) === rules) return;
  await writeFile(file, rules, { mode: 0o600 });
  await chmod(file, 0o600);
  if (place.user !== undefined) await chown(file, place.user.uid, place.user.gid);
}

export async function readPassword(place: Place): Promise<string | undefined> {
  try {
    const text = (await readFile(place.passwordFile, 'utf8')).trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw storageError(error, place.passwordFile);
  }
}

export function databaseUrl(password: string, port: number): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${databaseName}`;
}

export async function readOrCreatePassword(place: Place): Promise<string> {
  const known = await readPassword(place);
  if (known !== undefined) return known;
  const password = randomBytes(24).toString('base64url');
  const temporary = `${place.passwordFile}.${randomBytes(4).toString('hex')}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(`${password}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, place.passwordFile);
  return password;
}

/**
 * Gives the superuser a new password where the old one is nobody's to know: a cluster that was another server's. Nothing may
 * run on it.
 */
export async function resetPassword(place: Place, binaries: Binaries): Promise<void> {
  const password = await readOrCreatePassword(place);
  await runProgram(place, binaries, {
    program: binaries.postgres,
    args: ['--single', '-D', place.cluster, 'postgres'],
    input: `ALTER ROLE ${superuser} PASSWORD '${password}'\n`,
  });
}

async function readVersion(place: Place): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(join(place.cluster, 'PG_VERSION'), 'utf8'), 10);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw storageError(error, place.cluster);
  }
}

async function runProgram(
  place: Place,
  binaries: Binaries,
  options: { program: string; args: string[]; input: string | undefined },
): Promise<void> {
  const lines: string[] = [];
  const { ended } = await spawnGuarded({
    program: options.program,
    args: options.args,
    environment: binaries.environment,
    user: place.user,
    onLine: (line) => {
      lines.push(line);
      if (lines.length > 50) lines.shift();
    },
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  const { code, signal } = await ended;
  const failed = code !== 0 || lines.some((line) => /^(ERROR|FATAL|PANIC):/.test(line));
  if (failed) throw clusterError(lines, place.folder, `ended with ${signal ?? `status ${code}`}`);
}

/** What PostgreSQL said last before it gave up, as one line with a mend. */
export function clusterError(lines: string[], folder: string, how: string): Error {
  const said =
    lines.findLast((line) => /(FATAL|PANIC|ERROR|error):/.test(line)) ??
    lines.findLast((line) => line.trim() !== '') ??
    '';
  const reason = said.replace(/^.*?(FATAL|PANIC|ERROR|error):\s*/, '').slice(0, 300);
  if (lines.some((line) => line.includes('No space left on device'))) {
    return storageError(Object.assign(new Error(reason), { code: 'ENOSPC' }), folder);
  }
  if (lines.some((line) => line.includes('Permission denied') || line.includes('Read-only file system'))) {
    return storageError(Object.assign(new Error(reason), { code: 'EACCES' }), folder);
  }
  const what = `PostgreSQL in ${folder} ${how}${reason === '' ? '' : `: ${reason}`}`;
  return new StartError({
    what,
    setting: 'LIAISON_DATA',
    mend: 'look at what it says; a backup can be restored into a new folder',
  });
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
