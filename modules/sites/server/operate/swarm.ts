import { StartError } from '@liaison/core/config';
import { z } from 'zod';
import type { Site, SiteNode } from '../../contract/index.ts';
import { type Docker, type DockerStreams, dockerAt, parseAs } from './docker.ts';
import { createManagers, firstManager, type Managers } from './managers.ts';

const text = z.string();
const maybe = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);
const list = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .array(schema)
    .nullish()
    .transform((value) => value ?? []);

const containerSpec = z.looseObject({
  Image: text,
  Command: list(text),
  Args: list(text),
  Env: list(text),
  User: maybe(text),
  ReadOnly: maybe(z.boolean()),
  Init: maybe(z.boolean()),
  CapabilityAdd: list(text),
  CapabilityDrop: list(text),
  StopGracePeriod: maybe(z.number()),
  Healthcheck: maybe(z.looseObject({ Test: list(text) })),
  Mounts: list(
    z.looseObject({
      Type: text,
      Source: maybe(text),
      Target: text,
      TmpfsOptions: maybe(z.looseObject({ SizeBytes: maybe(z.number()) })),
    }),
  ),
  Configs: list(z.looseObject({ ConfigName: text, File: maybe(z.looseObject({ Name: text })) })),
  Secrets: list(z.looseObject({ SecretName: text, File: maybe(z.looseObject({ Name: text })) })),
});

const taskSpec = z.looseObject({
  ContainerSpec: containerSpec,
  Resources: maybe(
    z.looseObject({
      Limits: maybe(z.looseObject({ MemoryBytes: maybe(z.number()), NanoCPUs: maybe(z.number()) })),
    }),
  ),
  Placement: maybe(z.looseObject({ Constraints: list(text), MaxReplicas: maybe(z.number()) })),
  Networks: list(z.looseObject({ Target: text })),
  ForceUpdate: maybe(z.number()),
});

const service = z.looseObject({
  ID: text,
  Version: z.looseObject({ Index: z.number() }),
  Spec: z.looseObject({
    Name: text,
    Labels: maybe(z.record(text, text)),
    TaskTemplate: taskSpec,
    Mode: z.looseObject({ Replicated: maybe(z.looseObject({ Replicas: z.number() })) }),
    EndpointSpec: maybe(
      z.looseObject({
        Ports: list(
          z.looseObject({
            Protocol: text,
            TargetPort: z.number(),
            PublishedPort: maybe(z.number()),
            PublishMode: maybe(text),
          }),
        ),
      }),
    ),
  }),
  /** As it was before its last change. */
  PreviousSpec: maybe(z.looseObject({ TaskTemplate: z.looseObject({ ContainerSpec: containerSpec }) })),
  UpdateStatus: maybe(z.looseObject({ State: maybe(text), Message: maybe(text) })),
});
export type RunningService = z.output<typeof service>;

const task = z.looseObject({
  ID: text,
  ServiceID: text,
  Slot: maybe(z.number()),
  NodeID: maybe(text),
  Spec: z.looseObject({ ContainerSpec: containerSpec, ForceUpdate: maybe(z.number()) }),
  DesiredState: text,
  CreatedAt: text,
  Status: z.looseObject({
    State: text,
    Err: maybe(text),
    Message: maybe(text),
    ContainerStatus: maybe(z.looseObject({ ContainerID: maybe(text) })),
  }),
});
export type RunningTask = z.output<typeof task>;

const node = z.looseObject({
  ID: text,
  Spec: z.looseObject({ Role: text, Availability: text, Labels: maybe(z.record(text, text)) }),
  Description: z.looseObject({
    Hostname: text,
    Engine: maybe(z.looseObject({ EngineVersion: maybe(text) })),
  }),
  Status: z.looseObject({ State: text, Addr: maybe(text), Message: maybe(text) }),
  ManagerStatus: maybe(z.looseObject({ Leader: maybe(z.boolean()), Reachability: maybe(text) })),
});
export type SwarmNode = z.output<typeof node>;

/** A site's swarm as its operator sees it: everything is asked anew, nothing is remembered but who answers. */
export interface Swarm {
  readonly stack: string;
  /** A manager that answers. Throws a `StartError` that names every one that was asked. */
  manager(): Promise<Docker>;
  /** What can be asked twice; see `Managers`. */
  read: Managers['read'];
  /** The engine of a described machine. */
  engine(node: string): DockerStreams;
  services(): Promise<RunningService[]>;
  /** Of services that are named without the stack's name; the newest of each place first. */
  tasks(services: readonly string[], options?: { all?: boolean }): Promise<RunningTask[]>;
  nodes(): Promise<SwarmNode[]>;
  /** Names by id, of those that services are in. */
  networks(services: readonly RunningService[]): Promise<ReadonlyMap<string, string>>;
}

export type DockerAt = (address: string) => Docker;

export function openSwarm(options: {
  site: Site;
  stack: string;
  env: Readonly<Record<string, string | undefined>>;
}): Swarm {
  const { site, stack, env } = options;
  const engines = new Map(site.nodes.map((one) => [one.name, dockerAt(one.docker, env)]));

  const engine = (name: string): DockerStreams => {
    const found = engines.get(name);
    if (found === undefined) throw new Error(`${name} is no node of ${site.id}`);
    return found;
  };

  const managers = createManagers(async () => {
    const described = site.nodes.filter((one) => one.manager);
    const { found, reasons } = await firstManager(described.map(({ name }) => engine(name)));
    if (found !== undefined) return found;
    const asked = described.map(({ name, docker }, at) => `${name} (${docker}): ${reasons[at]}`);
    throw new StartError({
      what: `no manager of the site ${site.id} answers. ${asked.join('; ')}`,
      mend: 'start Docker there, make them a swarm with site create, or mend the address (docker) in the description',
    });
  });

  return {
    stack,
    manager: managers.any,
    read: managers.read,
    engine,
    services: () =>
      managers.read(async (docker) => {
        const label = `label=com.docker.stack.namespace=${stack}`;
        const each = words(await docker.run(['service', 'ls', '--quiet', '--filter', label]));
        if (each.length === 0) return [];
        const found = await docker.run(['service', 'inspect', ...each]);
        return parseAs(z.array(service), found, 'docker service inspect');
      }),
    async tasks(services, { all = false } = {}) {
      if (services.length === 0) return [];
      const names = services.map((name) => `${stack}_${name}`);
      const filter = all ? [] : ['--filter', 'desired-state=running'];
      return managers.read(async (docker) => {
        const ids = words(await docker.run(['service', 'ps', '--quiet', '--no-trunc', ...filter, ...names]));
        if (ids.length === 0) return [];
        const found = await docker.run(['inspect', '--type', 'task', ...ids]);
        return parseAs(z.array(task), found, 'docker inspect').toSorted((a, b) =>
          b.CreatedAt.localeCompare(a.CreatedAt),
        );
      });
    },
    nodes: () =>
      managers.read(async (docker) => {
        const ids = words(await docker.run(['node', 'ls', '--quiet']));
        return parseAs(z.array(node), await docker.run(['node', 'inspect', ...ids]), 'docker node inspect');
      }),
    async networks(services) {
      const ids = services.flatMap(({ Spec }) => Spec.TaskTemplate.Networks.map(({ Target }) => Target));
      if (ids.length === 0) return new Map();
      // That of the node itself, which telephones' and turn's ports may be on, is in no list of the swarm.
      const format = ['--format', '{{.ID}} {{.Name}}'];
      const lines = await managers.read((docker) =>
        docker.run(['network', 'inspect', ...format, ...new Set(ids)]),
      );
      return new Map(
        lines.split('\n').map((line): [string, string] => {
          const [id = '', name = ''] = line.split(' ');
          return [id, name];
        }),
      );
    },
  };
}

const words = (lines: string): string[] => lines.split(/\s+/).filter(Boolean);

/** The name of a service without the stack's. */
export const shortName = (stack: string, name: string): string =>
  name.startsWith(`${stack}_`) ? name.slice(stack.length + 1) : name;

/** The described machine of a node of the swarm. */
export const describedNode = (site: Site, name: string): SiteNode | undefined =>
  site.nodes.find((one) => one.name === name);
