import { z } from 'zod';
import { parseAs } from './docker.ts';
import type { RunningService, Swarm } from './swarm.ts';

/** A config or a secret of the swarm. */
export interface Granted {
  readonly name: string;
  readonly createdAt: string;
}

const grantedSchema = z.array(
  z.looseObject({ CreatedAt: z.string(), Spec: z.looseObject({ Name: z.string() }) }),
);

/** `light-eu_start_0a1b2c` without the mark of its content. */
const withoutMark = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('_')));

/**
 * Those that no service uses, but the newest of each: it belongs to the generation before, and who goes back to that by hand needs it.
 *
 * @param used by name, of services as they are and as they were before their last change
 */
export function outdated(all: readonly Granted[], used: ReadonlySet<string>): string[] {
  const kept = new Set<string>();
  return all
    .filter(({ name }) => !used.has(name))
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
    .filter(({ name }) => {
      const isNewest = !kept.has(withoutMark(name));
      kept.add(withoutMark(name));
      return !isNewest;
    })
    .map(({ name }) => name)
    .toSorted();
}

/** What services are given, by name. */
function usedBy(services: readonly RunningService[], kind: 'config' | 'secret'): Set<string> {
  const containers = services.flatMap(({ Spec, PreviousSpec }) => [
    Spec.TaskTemplate.ContainerSpec,
    ...(PreviousSpec === undefined ? [] : [PreviousSpec.TaskTemplate.ContainerSpec]),
  ]);
  return new Set(
    containers.flatMap(({ Configs, Secrets }) =>
      kind === 'config'
        ? Configs.map(({ ConfigName }) => ConfigName)
        : Secrets.map(({ SecretName }) => SecretName),
    ),
  );
}

/** Removes configs and secrets of this stack that are older than the generation before; answers how many. */
export async function removeOutdated(swarm: Swarm): Promise<number> {
  const services = await swarm.services();
  const docker = await swarm.manager();
  let removed = 0;
  for (const kind of ['config', 'secret'] as const) {
    const ours = ['--filter', `label=com.docker.stack.namespace=${swarm.stack}`];
    const ids = (await docker.run([kind, 'ls', '--quiet', ...ours])).split('\n').filter(Boolean);
    if (ids.length === 0) continue;
    const found = parseAs(
      grantedSchema,
      await docker.run([kind, 'inspect', ...ids]),
      `docker ${kind} inspect`,
    );
    const names = outdated(
      found.map(({ CreatedAt, Spec }) => ({ name: Spec.Name, createdAt: CreatedAt })),
      usedBy(services, kind),
    );
    // Docker refuses what a service has begun to use meanwhile.
    if (names.length > 0) await docker.run([kind, 'rm', ...names]);
    removed += names.length;
  }
  return removed;
}
