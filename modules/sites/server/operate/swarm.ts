import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '@liaison/core/config';
import { z } from 'zod';
import type { Site, SiteNode } from '../../contract/index.ts';
import { type Docker, DockerFailed, type DockerStreams, dockerAt, parseAs } from './docker.ts';

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

/** What the engine of one machine says of itself. */
const engineInfo = z.looseObject({
  Name: text,
  ServerVersion: text,
  SystemTime: text,
  Swarm: z.looseObject({
    LocalNodeState: text,
    ControlAvailable: maybe(z.boolean()),
    NodeID: maybe(text),
    Error: maybe(text),
    Cluster: maybe(z.looseObject({ ID: maybe(text) })),
  }),
});
export type EngineInfo = z.output<typeof engineInfo>;

/** A site's swarm as its operator sees it: everything is asked anew, nothing is remembered but who answers. */
export interface Swarm {
  readonly stack: string;
  /** A manager that answers. Throws a `StartError` that names every one that was asked. */
  manager(): Promise<Docker>;
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
  let answering: Docker | undefined;

  const engine = (name: string): DockerStreams => {
    const found = engines.get(name);
    if (found === undefined) throw new Error(`${name} is no node of ${site.id}`);
    return found;
  };

  async function manager(): Promise<Docker> {
    if (answering !== undefined && (await isManager(answering))) return answering;
    const described = site.nodes.filter((one) => one.manager);
    const { found, reasons } = await firstManager(described.map(({ name }) => engine(name)));
    if (found !== undefined) {
      answering = found;
      return found;
    }
    const asked = described.map(({ name, docker }, at) => `${name} (${docker}): ${reasons[at]}`);
    throw new StartError({
      what: `no manager of the site ${site.id} answers. ${asked.join('; ')}`,
      mend: 'start Docker there, make them a swarm with site create, or mend the address (docker) in the description',
    });
  }

  return {
    stack,
    manager,
    engine,
    async services() {
      const docker = await manager();
      const ids = await docker.run([
        'service',
        'ls',
        '--quiet',
        '--filter',
        `label=com.docker.stack.namespace=${stack}`,
      ]);
      const each = words(ids);
      if (each.length === 0) return [];
      const found = await docker.run(['service', 'inspect', ...each]);
      return parseAs(z.array(service), found, 'docker service inspect');
    },
    async tasks(services, { all = false } = {}) {
      if (services.length === 0) return [];
      const docker = await manager();
      const names = services.map((name) => `${stack}_${name}`);
      const filter = all ? [] : ['--filter', 'desired-state=running'];
      const ids = words(await docker.run(['service', 'ps', '--quiet', '--no-trunc', ...filter, ...names]));
      if (ids.length === 0) return [];
      const found = await docker.run(['inspect', '--type', 'task', ...ids]);
      return parseAs(z.array(task), found, 'docker inspect').toSorted((a, b) =>
        b.CreatedAt.localeCompare(a.CreatedAt),
      );
    },
    async nodes() {
      const docker = await manager();
      const ids = words(await docker.run(['node', 'ls', '--quiet']));
      return parseAs(z.array(node), await docker.run(['node', 'inspect', ...ids]), 'docker node inspect');
    },
    async networks(services) {
      const ids = services.flatMap(({ Spec }) => Spec.TaskTemplate.Networks.map(({ Target }) => Target));
      if (ids.length === 0) return new Map();
      const docker = await manager();
      // That of the node itself, which telephones' and turn's ports may be on, is in no list of the swarm.
      const format = ['--format', '{{.ID}} {{.Name}}'];
      const lines = await docker.run(['network', 'inspect', ...format, ...new Set(ids)]);
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

/** What the docker program says instead where no engine answers it, and ends as if all were well. */
const noEngine = z.looseObject({ ServerErrors: list(text) });

/** What an engine says of itself, within the time that a machine which is there needs. */
export async function infoOf(docker: Docker, timeoutMs = 20_000): Promise<EngineInfo> {
  const said = await docker.run(['info', '--format', '{{json .}}'], { timeoutMs });
  const { ServerErrors: refused } = parseAs(noEngine, said, 'docker info');
  if (refused.length > 0) {
    const reasons = refused.join('; ').replace(/\s+/g, ' ').slice(0, 600);
    throw new DockerFailed(`docker info at ${docker.address}`, reasons);
  }
  return parseAs(engineInfo, said, 'docker info');
}

/** A machine that is gone answers over ssh with nothing, for long: after so long the next one is asked beside it. */
const nextBesideMs = 3000;

/** The first that answers as a manager, or why each of them is none. */
export async function firstManager(
  engines: readonly Docker[],
  besideMs = nextBesideMs,
): Promise<{ found: Docker | undefined; reasons: readonly (string | undefined)[] }> {
  const reasons: (string | undefined)[] = engines.map(() => undefined);
  const asking: Promise<Docker | undefined>[] = [];
  for (const [at, docker] of engines.entries()) {
    const one = whyNoManager(docker).then((reason) => {
      reasons[at] = reason;
      return reason === undefined ? docker : undefined;
    });
    asking.push(one);
    const late = new AbortController();
    const beside = sleep(besideMs, undefined, { signal: late.signal }).catch(() => undefined);
    const found = await Promise.race([firstOf(asking), one, beside]);
    late.abort();
    if (found !== undefined) return { found, reasons };
  }
  return { found: await firstOf(asking), reasons };
}

/** The first that is something; undefined when none of them is. */
function firstOf<Value>(asking: readonly Promise<Value | undefined>[]): Promise<Value | undefined> {
  const found = asking.map(async (one) => {
    const value = await one;
    if (value === undefined) throw new Error('not this one');
    return value;
  });
  return Promise.any(found).catch(() => undefined);
}

const isManager = async (docker: Docker): Promise<boolean> => (await whyNoManager(docker)) === undefined;

async function whyNoManager(docker: Docker): Promise<string | undefined> {
  try {
    const { Swarm } = await infoOf(docker);
    if (Swarm.ControlAvailable === true) return undefined;
    return Swarm.LocalNodeState === 'active' ? 'it is a worker' : `no swarm (${Swarm.LocalNodeState})`;
  } catch (error) {
    if (error instanceof DockerFailed) return error.complaint;
    throw error;
  }
}

/** The name of a service without the stack's. */
export const shortName = (stack: string, name: string): string =>
  name.startsWith(`${stack}_`) ? name.slice(stack.length + 1) : name;

/** The described machine of a node of the swarm. */
export const describedNode = (site: Site, name: string): SiteNode | undefined =>
  site.nodes.find((one) => one.name === name);
