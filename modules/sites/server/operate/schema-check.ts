import { StartError } from '@liaison/core/config';
import { landedMigrations } from '@liaison/core/db';
import { z } from 'zod';
import { type Docker, DockerFailed } from './docker.ts';
import { containerOn } from './standby-state.ts';
import type { SiteView } from './view.ts';

/** A migration that a database has had. */
export interface Landed {
  /** `calls/0003-queues` */
  readonly key: string;
  /** The oldest program that can work with it; undefined when every one can. */
  readonly needs: string | undefined;
}

/** What an image brings. */
export interface ProgramSchema {
  /** As the program calls itself. */
  readonly version: string;
  readonly migrations: ReadonlySet<string>;
}

export type SchemaFit =
  | { readonly fit: 'same' | 'newer-program' }
  /** The database has what this program does not know, and can live with: decision 9. */
  | { readonly fit: 'newer-database'; readonly newest: string }
  | { readonly fit: 'too-old'; readonly since: string; readonly needs: string };

/** As a program compares them when it starts (`core/db/expand-contract.ts`): a candidate has what its release has. */
function isOlder(one: string, other: string): boolean {
  const numbers = (version: string) => version.split(/[-+]/, 1).join().split('.').map(Number);
  const [a, b] = [numbers(one), numbers(other)];
  const at = [0, 1, 2].find((part) => (a[part] || 0) !== (b[part] || 0));
  return at !== undefined && (a[at] || 0) < (b[at] || 0);
}

/** Whether a program can work with a database; the same rule as that of its start. */
export function schemaFit({ version, migrations }: ProgramSchema, landed: readonly Landed[]): SchemaFit {
  const unknown = landed.filter(({ key }) => !migrations.has(key));
  const refused = unknown.find(({ needs }) => needs !== undefined && isOlder(version, needs));
  if (refused?.needs !== undefined) return { fit: 'too-old', since: refused.key, needs: refused.needs };
  const newest = unknown.at(-1);
  if (newest !== undefined) return { fit: 'newer-database', newest: newest.key };
  return { fit: migrations.size > landed.length ? 'newer-program' : 'same' };
}

const mostLines = 10_000;

/** Reads the migrations that lie in an image, of any version of it, without starting the program. */
async function programOf(docker: Docker, image: string, tag: string): Promise<ProgramSchema> {
  const script =
    'shopt -s nullglob; echo "version:$LIAISON_VERSION"; cd /liaison; printf "%s\\n" core/*/migrations/*.sql modules/*/server/migrations/*.sql';
  const text = await docker.run(
    [
      ...['run', '--rm', '--network', 'none', '--read-only', '--cap-drop', 'ALL'],
      ...['--entrypoint', '/bin/bash', image, '-c', script],
    ],
    // It may have to be fetched.
    { timeoutMs: 600_000 },
  );
  const lines = text.split('\n').slice(0, mostLines);
  const named = lines.find((line) => line.startsWith('version:'))?.slice('version:'.length) ?? '';
  const found = lines.flatMap((line) => {
    const [, core, module, name] =
      /^(?:(core)\/[\w-]+|modules\/([\w-]+)\/server)\/migrations\/(.+)\.sql$/.exec(line) ?? [];
    return name === undefined ? [] : [`${core ?? module}/${name}`];
  });
  return { version: named === '' ? tag : named, migrations: new Set(found) };
}

const landedSchema = z.array(z.tuple([z.string().min(3).max(300), z.string().max(40)])).max(mostLines);

/** What the database of a site has had, oldest first; asked beside it, because from outside nobody reaches it. */
async function landedIn(view: SiteView): Promise<Landed[]> {
  const { site } = view.at.now;
  if (site.postgres.kind !== 'managed')
    throw new Unknown(`the database is kept by others, at ${site.postgres.host}`);
  const { primary, password } = site.postgres;
  const docker = view.at.swarm.engine(primary);
  const container = await containerOn(docker, `${view.at.swarm.stack}_postgres`);
  if (container === undefined) throw new Unknown(`no database runs on ${primary}`);
  const script = `PGPASSWORD=$(</run/secrets/${password.secret}) psql -X --no-password --host 127.0.0.1 --username postgres --dbname liaison --command "${landedMigrations}" --tuples-only --no-align`;
  const text = await docker.run(['exec', container, '/bin/bash', '-c', script]);
  const parsed = landedSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw new Unknown('what the database says of its migrations was not understood');
  return parsed.data.map(([key, needs]) => ({ key, needs: needs === '' ? undefined : needs }));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

class Unknown extends Error {}

/**
 * Refuses a version whose program is older than what the database has been used with. Answers a line that says what was found, or
 * that it could not be found out: then each new process decides that itself as it starts, and the update goes back.
 */
export async function checkSchema(view: SiteView, version: string): Promise<string> {
  const { at } = view;
  let found: SchemaFit;
  try {
    const landed = await landedIn(view);
    const image = `${at.now.deployment.image}:${version}`;
    const program = await programOf(await at.swarm.manager(), image, version);
    if (program.migrations.size === 0) throw new Unknown('the image shows no migrations');
    found = schemaFit(program, landed);
  } catch (error) {
    if (!(error instanceof Unknown || error instanceof DockerFailed)) throw error;
    const reason = error instanceof DockerFailed ? error.complaint : error.message;
    return `Whether ${version} fits the database is NOT known (${reason}): should it not, the update goes back by itself`;
  }
  if (found.fit === 'too-old') {
    throw new StartError({
      what: `${version} is older than what the database has been used with: since ${found.since} it needs ${found.needs}; nothing was changed`,
      mend: `choose ${found.needs} or newer; to go back before it, restore a backup from before that update, which makes an installation of one machine, with ${version} (docs/operations/backups.md: restore --until)`,
    });
  }
  if (found.fit === 'newer-database')
    return `The database is newer than ${version} (${found.newest}), which can work with it`;
  return `${version} fits the database${found.fit === 'newer-program' ? ' and will bring it up to date' : ''}`;
}
