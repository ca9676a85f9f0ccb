import { DeployFailed, whyFailed } from './deploy.ts';
import { type Docker, DockerFailed } from './docker.ts';
import { isDown, until } from './node-steps.ts';
import { containerOn } from './standby-state.ts';
import type { Swarm } from './swarm.ts';

type Say = (line: string) => void;

/** As `render/postgres.ts` has it. */
const folder = '/var/lib/postgresql';
const cluster = `${folder}/liaison`;

/** PostgreSQL shuts down fast, and first sends its standby everything that it wrote. */
const stopWithinMs = 180_000;

/** The standby after the primary: it writes down as far as it has heard of the primary's doing so. Neither has to answer. */
export async function checkpoint(options: {
  swarm: Swarm;
  primary: Docker;
  standby: Docker;
  /** The machine of the primary. */
  node: string;
  /** Name of the secret. */
  password: string;
  say: Say;
}): Promise<void> {
  const { swarm, node, password, say } = options;
  const script = `PGPASSWORD=$(</run/secrets/${password}) psql -X --no-password --host 127.0.0.1 --username postgres --dbname postgres --command checkpoint`;
  for (const [service, docker] of [
    ['postgres', options.primary],
    ['postgres-standby', options.standby],
  ] as const) {
    if (service === 'postgres' && (await isDown(swarm, node))) {
      say(`${node} is down`);
      continue;
    }
    try {
      const container = await containerOn(docker, `${swarm.stack}_${service}`);
      if (container !== undefined)
        await docker.run(['exec', container, '/bin/bash', '-c', script], { timeoutMs: 120_000 });
    } catch (error) {
      if (!(error instanceof DockerFailed)) throw error;
      say(`${service}: ${error.complaint}`);
    }
  }
}

/**
 * Ends the primary, so that nobody writes into two databases. Where its machine does not answer, what the swarm wants is all that
 * can be known.
 */
export async function fencePrimary(options: {
  swarm: Swarm;
  /** The machine where the primary is. */
  node: string;
  /** Of the machine where the primary is. */
  docker: Docker;
  /** The one that follows; noted beside the old data, so that an older description does not start it again. */
  epoch: number;
  /** Of PostgreSQL. */
  image: string;
  say: Say;
}): Promise<void> {
  const { swarm, node, docker, epoch, image, say } = options;
  const name = `${swarm.stack}_postgres`;
  const services = await swarm.services();
  const manager = await swarm.manager();
  if (services.some(({ Spec }) => Spec.Name === name))
    await manager.run(['service', 'scale', '--detach', `${name}=0`]);
  let answers = true;
  // One that is down for the swarm too is given less: meanwhile nobody writes.
  const timeoutMs = (await isDown(swarm, node)) ? 5000 : 20_000;
  await until(
    async () => {
      try {
        const left = await docker.run(
          ['ps', '--quiet', '--filter', `label=com.docker.swarm.service.name=${name}`],
          { timeoutMs },
        );
        return left.trim() === '';
      } catch (error) {
        if (!(error instanceof DockerFailed)) throw error;
        answers = false;
        say(
          `the machine of the primary does not answer (${error.complaint}); should it come back, remove its volume ${name} before anything else`,
        );
        return true;
      }
    },
    stopWithinMs,
    () =>
      new DeployFailed(
        `the primary still runs after ${stopWithinMs / 1000} s`,
        'end its container there (docker ps, docker kill)',
      ),
  );
  if (!answers) return;
  const volumes = await docker.run(['volume', 'ls', '--quiet', '--filter', `name=${name}`]);
  if (!volumes.split('\n').includes(name)) return;
  await docker.run(
    [
      ...['run', '--rm', '--network', 'none', '--read-only', '--cap-drop', 'ALL', '--user', '999:999'],
      ...['--mount', `type=volume,source=${name},target=${folder}`, '--entrypoint', '/bin/bash', image],
      ...['-c', `[ ! -e ${cluster} ] || echo ${epoch} >${cluster}.epoch`],
    ],
    { timeoutMs: 120_000 },
  );
}

/** Makes the standby's data a primary's, and notes the new epoch beside it. Waits until it takes changes. */
export async function promoteStandby(options: {
  swarm: Swarm;
  /** Of the machine where the standby is. */
  docker: Docker;
  epoch: number;
}): Promise<void> {
  const { swarm, docker, epoch } = options;
  const name = `${swarm.stack}_postgres-standby`;
  const found = await docker.run([
    ...['ps', '--quiet', '--filter', `label=com.docker.swarm.service.name=${name}`],
  ]);
  const [container] = found.split('\n').filter(Boolean);
  if (container === undefined) {
    throw new DeployFailed(
      `the standby does not run: ${await whyFailed(swarm, 'postgres-standby')}`,
      'mend that first; without a standby only a backup brings the database back',
    );
  }
  const script = [
    // Told again where it forgot: one that recovers from a crash in that moment is a standby afterwards.
    `for try in 1 2 3; do [ ! -e ${cluster}/standby.signal ] || pg_ctl promote --pgdata ${cluster} --wait --timeout 40 || sleep 1; done`,
    `[ ! -e ${cluster}/standby.signal ]`,
    `echo ${epoch} >${cluster}.epoch`,
  ].join(' && ');
  try {
    await docker.run(['exec', container, '/bin/bash', '-c', script], { timeoutMs: 180_000 });
  } catch (error) {
    if (!(error instanceof DockerFailed)) throw error;
    throw new DeployFailed(
      `the standby was not promoted: ${error.complaint}`,
      'look at its log (logs SITE postgres-standby)',
    );
  }
}

/** Removes what a node has of the database, so that a fresh copy is made there. */
export async function wipeDatabase(swarm: Swarm, docker: Docker): Promise<void> {
  const name = `${swarm.stack}_postgres`;
  const there = await docker.run(['volume', 'ls', '--quiet', '--filter', `name=${name}`]);
  if (!there.split('\n').includes(name)) return;
  // Containers of before that have ended keep it.
  const ended = await docker.run([
    ...['ps', '--all', '--quiet', '--filter', `volume=${name}`, '--filter', 'status=exited'],
    ...['--filter', 'status=created', '--filter', 'status=dead'],
  ]);
  const ids = ended.split('\n').filter(Boolean);
  if (ids.length > 0) await docker.run(['rm', ...ids]);
  await docker.run(['volume', 'rm', name]);
}
