import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupFound, RestoreRequest } from '@liaison/core/backup';
import { StartError } from '@liaison/core/config';
import { z } from 'zod';
import type { DescribedSite } from '../load-deployment.ts';
import { image } from '../render/image.ts';
import { masterKey } from '../render/processes.ts';
import { DeployFailed } from './deploy.ts';
import { type Docker, DockerFailed, type DockerStreams, parseAs } from './docker.ts';
import { backupPlace, blobsPlace, managedPostgres, type Place, secretOf } from './restore-places.ts';
import { beginScript, playScript, selectScript } from './restore-scripts.ts';
import type { SiteAt } from './site-at.ts';
import type { Step, StepBackup } from './steps.ts';

/** As `render/postgres.ts` has it. */
const databaseFolder = '/var/lib/postgresql';
/** The user of PostgreSQL's own image. */
const postgresUser = { uid: 999, gid: 999 };

interface Restoring {
  readonly at: SiteAt;
  readonly site: DescribedSite;
  readonly identity: string | undefined;
  say(line: string): void;
}

type RestoreStep = Extract<Step, { kind: `restore-${string}` }>;

/** Does one step of a restore; doing it again does no harm, and a container that is still at it is waited for. */
export async function performRestore(step: RestoreStep, doing: Restoring): Promise<void> {
  const { at, site: described, say } = doing;
  const { site, deployment } = described;
  const { swarm } = at;
  const secrets = join(at.rendered, 'secrets');
  const own = `${deployment.image}:${deployment.version}`;
  const database = ['--mount', `type=volume,source=${swarm.stack}_postgres,target=${databaseFolder}`];
  const fetched = `${swarm.stack}_restore`;
  switch (step.kind) {
    case 'restore-begin': {
      const docker = swarm.engine(step.node);
      await removeContainers(docker, swarm.stack);
      await asPostgres({
        docker,
        image: deployment.images.postgres,
        mounts: database,
        script: beginScript(step.over),
      });
      return removeVolume(docker, fetched);
    }
    case 'restore-keys': {
      const place = await backupPlace({ site, secrets });
      const keys = await readKeys({
        doing,
        docker: swarm.engine(step.from),
        own,
        place,
        backup: step.backup,
      });
      return placeMasterKey(secrets, keys);
    }
    case 'restore-fetch':
      return fetchBackup({ ...step, doing, own, volume: fetched });
    case 'restore-database': {
      const place = await backupPlace({ site, secrets, ...(step.fetched ? { fetched } : {}) });
      return work({
        docker: swarm.engine(step.node),
        name: `${swarm.stack}_restore-database`,
        say,
        run: [
          // Reads what belongs to the keeper of backups, and gives what it writes to PostgreSQL's user.
          ...['--user', '0:0', '--cap-add', 'DAC_OVERRIDE', '--cap-add', 'CHOWN', '--cap-add', 'FOWNER'],
          ...networkOf(place),
          ...place.mounts,
          ...database,
          ...['--env', 'LIAISON_DATA=/tmp/liaison', '--entrypoint', 'liaison', own],
          ...['restore-part', 'database', `${databaseFolder}/liaison.restored`],
        ],
        input: JSON.stringify({ ...requestOf(doing, place, step.backup), user: postgresUser }),
      });
    }
    case 'restore-play': {
      const { password, replicationPassword } = managedPostgres(site);
      const named = [password, replicationPassword].map((one) =>
        one === undefined ? Promise.resolve('') : secretOf(secrets, one.secret),
      );
      return work({
        docker: swarm.engine(step.node),
        name: `${swarm.stack}_restore-play`,
        say,
        run: [
          ...['--user', '999:999', '--network', 'none', '--stop-signal', 'SIGINT', '--init', ...database],
          ...['--shm-size', '256m', '--entrypoint', '/bin/bash', deployment.images.postgres],
          ...['-c', playScript({ epoch: step.epoch, until: step.backup.until })],
        ],
        input: `${(await Promise.all(named)).join('\n')}\n`,
      });
    }
    case 'restore-blobs': {
      const place = await backupPlace({ site, secrets });
      const blobs = await blobsPlace({ site, stack: swarm.stack, secrets });
      return work({
        docker: swarm.engine(step.from),
        name: `${swarm.stack}_restore-blobs`,
        say,
        run: [
          ...['--user', image.user],
          ...(place.isFar || blobs.isFar ? far : near),
          ...place.mounts,
          ...blobs.mounts,
          ...['--env', 'LIAISON_DATA=/tmp/liaison', '--entrypoint', 'liaison', own, 'restore-part', 'blobs'],
        ],
        input: JSON.stringify({ ...requestOf(doing, place, step.backup), blobs: blobs.url }),
      });
    }
    case 'restore-end':
      await removeContainers(swarm.engine(step.node), swarm.stack);
      return removeVolume(swarm.engine(step.node), fetched);
  }
}

const far = ['--network', 'host'] as const;
const near = ['--network', 'none'] as const;
const networkOf = ({ isFar }: Place): readonly string[] => (isFar ? far : near);
const confined = [
  ...['--read-only', '--tmpfs', '/tmp:exec', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
];

function requestOf(
  { identity }: Pick<Restoring, 'identity'>,
  place: Place,
  backup: StepBackup,
): RestoreRequest {
  if (identity === undefined) {
    throw new StartError({ what: 'the identity is not known', mend: 'name its file with --identity' });
  }
  return {
    store: place.url,
    identity,
    // With a time, or a log, the base that was chosen is where it begins; without either it is all.
    ...(backup.until !== undefined
      ? { until: backup.until }
      : backup.log === undefined
        ? { base: backup.id }
        : {}),
  };
}

const foundSchema: z.ZodType<BackupFound> = z.object({
  id: z.string(),
  endedAt: z.string(),
  program: z.string(),
  postgresMajor: z.number(),
  databaseBytes: z.number(),
  blobs: z.object({ count: z.number(), bytes: z.number() }),
  log: z.object({
    folder: z.string(),
    from: z.string(),
    pieces: z.number(),
    until: z.string().optional(),
    hasGap: z.boolean(),
  }),
  masterKey: z.string().optional(),
}) as z.ZodType<BackupFound>;

/** What a restore would bring; the identity is tried on it. */
export async function lookAtBackup(
  at: SiteAt,
  options: { from: string; identity: string; until?: string | undefined; base?: string | undefined },
): Promise<BackupFound> {
  const { from, identity, until, base } = options;
  const { site, deployment } = at.now;
  const place = await backupPlace({ site, secrets: join(at.rendered, 'secrets') });
  const request: RestoreRequest = {
    store: place.url,
    identity,
    ...(until === undefined ? {} : { until }),
    ...(base === undefined ? {} : { base }),
  };
  const docker = at.swarm.engine(from);
  const own = `${deployment.image}:${deployment.version}`;
  const text = await asPart({ docker, own, place, part: 'look', request });
  return parseAs(foundSchema, text.split('\n').at(-1) ?? '', 'liaison restore-part look');
}

/** What lies on a node of a database: nothing, or that of an epoch and how large it is. */
export async function databaseOn(at: SiteAt, node: string): Promise<string> {
  const { deployment } = at.now;
  const script = `[ -e ${databaseFolder}/liaison/PG_VERSION ] || exit 0; size=$(du -sm ${databaseFolder}/liaison); echo "\${size%%[!0-9]*} MB, epoch $(cat ${databaseFolder}/liaison.epoch 2>/dev/null || echo 0)"`;
  const volume = `${at.swarm.stack}_postgres`;
  const docker = at.swarm.engine(node);
  const there = await docker.run(['volume', 'ls', '--quiet', '--filter', `name=${volume}`]);
  if (!there.split('\n').includes(volume)) return '';
  const mounts = ['--mount', `type=volume,source=${volume},target=${databaseFolder},readonly`];
  return (await asPostgres({ docker, image: deployment.images.postgres, mounts, script })).trim();
}

const asPostgres = ({
  docker,
  image: postgres,
  mounts,
  script,
}: {
  docker: Docker;
  image: string;
  mounts: readonly string[];
  script: string;
}): Promise<string> =>
  docker.run(
    [
      ...['run', '--rm', ...confined, '--user', '999:999', '--network', 'none', ...mounts],
      ...['--entrypoint', '/bin/bash', postgres, '-c', script],
    ],
    { timeoutMs: 600_000 },
  );

/** A part that answers soon. What it prints may be secret: no log keeps it. */
const asPart = ({
  docker,
  own,
  place,
  part,
  request,
}: {
  docker: Docker;
  own: string;
  place: Place;
  part: 'look' | 'keys';
  request: RestoreRequest;
}): Promise<string> =>
  docker.run(
    [
      ...['run', '--rm', '--interactive', '--log-driver', 'none', ...confined, '--user', image.user],
      ...[...networkOf(place), ...place.mounts, '--env', 'LIAISON_DATA=/tmp/liaison'],
      ...['--entrypoint', 'liaison', own, 'restore-part', part],
    ],
    { timeoutMs: 600_000, input: JSON.stringify(request) },
  );

async function readKeys({
  doing,
  docker,
  own,
  place,
  backup,
}: {
  doing: Restoring;
  docker: Docker;
  own: string;
  place: Place;
  backup: StepBackup;
}): Promise<Record<string, string>> {
  const request: RestoreRequest = { ...requestOf(doing, place, backup), base: backup.id };
  const text = await asPart({ docker, own, place, part: 'keys', request });
  return parseAs(
    z.record(z.string(), z.string()),
    text.split('\n').at(-1) ?? '',
    'liaison restore-part keys',
  );
}

/** Never over one that is there. */
async function placeMasterKey(secrets: string, keys: Record<string, string>): Promise<void> {
  const found = keys['keys/master.key'];
  if (found === undefined)
    throw new DeployFailed(
      'the backup holds no master key',
      'bring the folder secrets here from where it is kept',
    );
  await mkdir(secrets, { recursive: true, mode: 0o700 });
  const file = join(secrets, masterKey);
  try {
    await writeFile(file, Buffer.from(found, 'base64'), { flag: 'wx', mode: 0o444 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  await chmod(file, 0o444);
}

async function fetchBackup(options: {
  doing: Restoring;
  own: string;
  volume: string;
  from: string;
  node: string;
  backup: StepBackup;
}): Promise<void> {
  const { doing, own, volume, from, node, backup } = options;
  const {
    at,
    site: { site },
    say,
  } = doing;
  const place = await backupPlace({ site, secrets: '' });
  const into = at.swarm.engine(node);
  say(`the backup, still encrypted, from ${from} to ${node}`);
  const run = ['run', '--rm', ...confined, ...near, '--entrypoint', '/bin/bash'];
  await at.swarm
    .engine(from)
    .pipe([...run, '--user', image.user, ...place.mounts, own, '-c', selectScript(site.id, backup)], into, [
      ...[...run, '--interactive', '--user', '0:0', '--cap-add', 'DAC_OVERRIDE'],
      ...['--mount', `type=volume,source=${volume},target=/backups`, own],
      ...['-c', 'rm -rf /backups/*; exec tar --extract --no-same-owner --directory /backups'],
    ]);
}

/** A container with a name, so that whoever comes again finds it at work. Throws a `DeployFailed` with what it said last. */
async function work(options: {
  docker: DockerStreams;
  name: string;
  run: readonly string[];
  input: string;
  say(line: string): void;
}): Promise<void> {
  const { docker, name, run, input, say } = options;
  const said: string[] = [];
  const onLine = (line: string) => {
    said.push(line);
    if (said.length > 20) said.shift();
    // What it answers at its end is for programs.
    if (!line.startsWith('{')) say(line);
  };
  const begun = await stateOf(docker, name);
  if (begun?.running === true) {
    say('it is still at it, from before');
  } else {
    if (begun !== undefined) await docker.run(['rm', '--force', name]);
    await docker.follow(
      ['run', '--interactive', '--name', name, '--log-driver', 'json-file', ...confined, ...run],
      {
        input,
        onLine,
      },
    );
  }
  let state = await stateOf(docker, name);
  while (state?.running === true) {
    await docker.follow(['logs', '--follow', '--tail', '1', name], { onLine });
    state = await stateOf(docker, name);
  }
  if (state === undefined)
    throw new DeployFailed(`${name} was not started: ${said.slice(-3).join(' / ')}`, 'mend what it says');
  await docker.run(['rm', '--force', name]);
  if (state.status === 0) return;
  const last = said
    .filter((line) => line.trim() !== '')
    .slice(-4)
    .join(' / ');
  throw new DeployFailed(
    `${last === '' ? `it ended with ${state.status}` : last.slice(0, 600)}`,
    'mend what it says',
  );
}

async function stateOf(
  docker: Docker,
  name: string,
): Promise<{ running: boolean; status: number } | undefined> {
  const found = await docker.run(['ps', '--all', '--quiet', '--filter', `name=^/?${name}$`]);
  if (found.trim() === '') return undefined;
  try {
    const text = await docker.run(['inspect', '--format', '{{.State.Running}} {{.State.ExitCode}}', name]);
    const [running, status] = text.split(' ');
    return { running: running === 'true', status: Number(status) };
  } catch (error) {
    if (error instanceof DockerFailed && /no such/i.test(error.complaint)) return undefined;
    throw error;
  }
}

async function removeContainers(docker: Docker, stack: string): Promise<void> {
  const ids = await docker.run(['ps', '--all', '--quiet', '--filter', `name=^/?${stack}_restore-`]);
  const each = ids.split('\n').filter(Boolean);
  if (each.length > 0) await docker.run(['rm', '--force', ...each]);
}

async function removeVolume(docker: Docker, volume: string): Promise<void> {
  const there = await docker.run(['volume', 'ls', '--quiet', '--filter', `name=${volume}`]);
  if (there.split('\n').includes(volume)) await docker.run(['volume', 'rm', volume]);
}
