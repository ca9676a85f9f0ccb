import { type Deployment, portsText, type Site } from '../../contract/index.ts';
import type { Program } from './program.ts';
import { programsOf } from './programs.ts';
import { commonOf, secretsOf, volumesOf } from './service.ts';
import type { ComposeFile, ComposeService } from './stack-types.ts';

export interface ComposeSite {
  readonly name: string;
  readonly compose: ComposeFile<ComposeService>;
  readonly purposes: ReadonlyMap<string, string>;
  readonly configs: ReadonlyMap<string, string>;
  readonly secrets: readonly string[];
}

/** A site of one machine, for `docker compose`. */
export function renderCompose(deployment: Deployment, site: Site): ComposeSite {
  const [node] = site.nodes;
  const { programs, configs } = programsOf(deployment, site, (service) => service);
  const secrets = secretsOf(programs);
  const volumes = volumesOf(programs);
  return {
    name: deployment.name,
    compose: {
      name: deployment.name,
      services: Object.fromEntries(
        programs.map((program) => [program.name, serviceOf(program, site, node?.name ?? '')]),
      ),
      networks: { site: { driver: 'bridge', ipam: { config: [{ subnet: site.subnet }] } } },
      ...(volumes.length === 0 ? {} : { volumes: Object.fromEntries(volumes.map((one) => [one, {}])) }),
      configs: Object.fromEntries(
        [...configs.keys()].map((config) => [config, { file: `./configs/${config}` }]),
      ),
      secrets: Object.fromEntries(secrets.map((one) => [one, { file: `./secrets/${one}` }])),
    },
    purposes: new Map(programs.map((program) => [program.name, program.purpose])),
    configs,
    secrets,
  };
}

function serviceOf(program: Program, site: Site, node: string): ComposeService {
  const common = commonOf(program, site);
  return {
    ...common,
    environment: { ...common.environment, NODE_NAME: node },
    restart: 'unless-stopped',
    security_opt: ['no-new-privileges:true'],
    ...(program.onHostNetwork ? { network_mode: 'host' } : { networks: ['site'] }),
    ...(program.ports.length === 0 ? {} : { ports: portsOf(program) }),
    ...(program.volumes.length === 0
      ? {}
      : {
          volumes: program.volumes.map((volume) =>
            volume.kind === 'named' ? `${volume.name}:${volume.target}` : `${volume.path}:${volume.target}`,
          ),
        }),
    tmpfs: program.scratch.map(({ target, sizeMb }) => `${target}:size=${sizeMb}m,mode=1777`),
    configs: program.configs.map(({ config, target }) => ({ source: config, target })),
    ...(program.secrets.length === 0 ? {} : { secrets: program.secrets }),
    mem_limit: `${program.memoryMb}m`,
    cpus: program.cpus,
  };
}

const portsOf = (program: Program): string[] =>
  program.ports.map(({ ports, inside, transport }) => {
    const range = (from: number) =>
      ports.from === ports.to ? String(from) : portsText({ from, to: from + ports.to - ports.from });
    return `${range(ports.from)}:${range(inside ?? ports.from)}/${transport}`;
  });
