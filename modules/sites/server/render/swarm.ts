import type { Deployment, Site } from '../../contract/index.ts';
import type { Program } from './program.ts';
import { programsOf } from './programs.ts';
import { commonOf, contentHash, secretsOf, volumesOf } from './service.ts';
import type { ComposeFile, FileOf, Granted, MountedVolume, SwarmService, UpdateRule } from './stack-types.ts';

export interface SwarmSite {
  /** Name of the stack, before those of its services. */
  readonly name: string;
  readonly stack: ComposeFile<SwarmService>;
  readonly purposes: ReadonlyMap<string, string>;
  readonly configs: ReadonlyMap<string, string>;
  readonly secrets: readonly string[];
  /** Labels that nodes need, so that services find those that they may run on. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
}

/**
 * A site as a Docker Swarm stack. `secretMark` gives a few digits that change with a secret's value: they are part of its
 * name in the swarm, so that a new value rolls through the services that have it.
 */
export function renderSwarm(
  deployment: Deployment,
  site: Site,
  secretMark: (name: string) => string,
): SwarmSite {
  const name = `${deployment.name}-${site.id}`;
  const { programs, configs } = programsOf(deployment, site, (service) => `tasks.${service}`);
  const secrets = secretsOf(programs);
  const volumes = volumesOf(programs);
  const labels = new Map<string, string[]>();
  const services: Record<string, SwarmService> = {};
  for (const program of programs) {
    const placement = placementOf(program, site);
    for (const node of placement.labelled) {
      labels.set(node, [...(labels.get(node) ?? []), labelOf(program)]);
    }
    services[program.name] = serviceOf({ deployment, site, program, constraints: placement.constraints });
  }
  const configFiles = [...configs].map(([config, content]): [string, FileOf] => [
    config,
    { name: `${name}_${config}_${contentHash(content)}`, file: `./configs/${config}` },
  ]);
  return {
    name,
    stack: {
      version: '3.9',
      services,
      networks: {
        site: { driver: 'overlay', ipam: { config: [{ subnet: site.subnet }] } },
        ...(programs.some(({ onHostNetwork }) => onHostNetwork)
          ? { host: { external: true, name: 'host' } as const }
          : {}),
      },
      ...(volumes.length === 0 ? {} : { volumes: Object.fromEntries(volumes.map((one) => [one, {}])) }),
      configs: Object.fromEntries(configFiles),
      secrets: Object.fromEntries(
        secrets.map((one) => [one, { name: `${name}_${one}_${secretMark(one)}`, file: `./secrets/${one}` }]),
      ),
    },
    purposes: new Map(programs.map((program) => [program.name, program.purpose])),
    configs,
    secrets,
    labels,
  };
}

/** On the primary's service: what runs is not overtaken by a description that is older than the last change of primary. */
export const epochLabel = 'liaison.epoch';

const labelOf = (program: Program): string => `liaison.${program.name}`;

/** One node is named; several of many carry a label, because constraints are all true at once. */
function placementOf(
  program: Program,
  site: Site,
): { constraints: readonly string[]; labelled: readonly string[] } {
  const nodes = [...new Set(program.nodes)];
  if (nodes.length === site.nodes.length) return { constraints: [], labelled: [] };
  if (nodes.length === 1) return { constraints: [`node.hostname == ${nodes[0]}`], labelled: [] };
  return { constraints: [`node.labels.${labelOf(program)} == yes`], labelled: nodes };
}

function serviceOf(options: {
  deployment: Deployment;
  site: Site;
  program: Program;
  constraints: readonly string[];
}): SwarmService {
  const { deployment, site, program, constraints } = options;
  const common = commonOf(program, site);
  // Two cannot have one port or one volume at a time: the old one goes first, and others of its kind serve meanwhile.
  const order = program.onePerNode || hasOwnVolume(program) ? 'stop-first' : 'start-first';
  const rule: UpdateRule = {
    parallelism: 1,
    order,
    delay: '2s',
    monitor: `${site.limits.watchSeconds}s`,
    max_failure_ratio: 0,
  };
  return {
    ...common,
    environment: { ...common.environment, NODE_NAME: '{{.Node.Hostname}}' },
    networks: [program.onHostNetwork ? 'host' : 'site'],
    ...(program.ports.length === 0 ? {} : { ports: portsOf(program) }),
    volumes: mountsOf(program),
    configs: program.configs.map(({ config, target }): Granted => ({ source: config, target })),
    ...(program.secrets.length === 0 ? {} : { secrets: grantedTo(program) }),
    deploy: {
      mode: 'replicated',
      endpoint_mode: 'dnsrr',
      replicas: program.replicas,
      labels: {
        'liaison.site': site.id,
        'liaison.version': deployment.version,
        ...(program.name === 'postgres' && site.postgres.kind === 'managed'
          ? { [epochLabel]: String(site.postgres.epoch) }
          : {}),
      },
      update_config: { ...rule, failure_action: program.returnsByItself ? 'rollback' : 'pause' },
      rollback_config: { ...rule, failure_action: 'pause' },
      restart_policy: { condition: 'any', delay: '1s' },
      resources: {
        limits: { memory: `${program.memoryMb}M`, cpus: String(program.cpus) },
        reservations: { memory: `${Math.ceil(program.memoryMb / 4)}M` },
      },
      placement: {
        ...(constraints.length === 0 ? {} : { constraints }),
        preferences: [{ spread: 'node.id' }],
        ...(program.onePerNode ? { max_replicas_per_node: 1 } : {}),
      },
    },
  };
}

const hasOwnVolume = ({ volumes }: Program): boolean =>
  volumes.some((volume) => volume.kind === 'named' && !volume.shared);

/** One entry for each port: ranges are published through the routing mesh, which hides who calls. */
function portsOf(program: Program): NonNullable<SwarmService['ports']> {
  return program.ports.flatMap(({ ports, inside, transport }) =>
    Array.from({ length: ports.to - ports.from + 1 }, (_, step) => ({
      target: (inside ?? ports.from) + step,
      published: ports.from + step,
      protocol: transport,
      mode: 'host' as const,
    })),
  );
}

function mountsOf(program: Program): MountedVolume[] {
  return [
    ...program.volumes.map(
      (volume): MountedVolume =>
        volume.kind === 'named'
          ? { type: 'volume', source: volume.name, target: volume.target }
          : { type: 'bind', source: volume.path, target: volume.target },
    ),
    ...program.scratch.map(
      ({ target, sizeMb }): MountedVolume => ({
        type: 'tmpfs',
        target,
        tmpfs: { size: sizeMb * 1024 * 1024 },
      }),
    ),
  ];
}

function grantedTo(program: Program): Granted[] {
  const [uid = '0', gid = '0'] = program.user.split(':');
  return program.secrets.map((source) => ({ source, target: source, uid, gid, mode: 0o400 }));
}
