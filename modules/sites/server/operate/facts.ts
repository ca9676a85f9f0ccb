import { parse } from 'yaml';
import { z } from 'zod';
import type { RunningService } from './swarm.ts';

/** What decides about a service, field by field, in words for whoever compares. Values of secrets are in none. */
export type Facts = ReadonlyMap<string, string>;

/** A field of a service that one side has otherwise than the other. */
export interface Difference {
  readonly service: string;
  /** `''` where the whole service is missing on one side. */
  readonly field: string;
  readonly running: string | undefined;
  readonly described: string | undefined;
}

const renderedService = z.looseObject({
  image: z.string(),
  entrypoint: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  user: z.string().default(''),
  environment: z.record(z.string(), z.string()).default({}),
  read_only: z.boolean().default(false),
  init: z.boolean().default(false),
  cap_add: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  stop_grace_period: z.string().default('10s'),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  networks: z.array(z.string()).default([]),
  ports: z
    .array(
      z.looseObject({ target: z.number(), published: z.number(), protocol: z.string(), mode: z.string() }),
    )
    .default([]),
  volumes: z
    .array(
      z.looseObject({
        type: z.string(),
        source: z.string().optional(),
        target: z.string(),
        tmpfs: z.looseObject({ size: z.number() }).optional(),
      }),
    )
    .default([]),
  configs: z.array(z.looseObject({ source: z.string(), target: z.string() })).default([]),
  secrets: z.array(z.looseObject({ source: z.string(), target: z.string() })).default([]),
  deploy: z.looseObject({
    replicas: z.number(),
    resources: z.looseObject({ limits: z.looseObject({ memory: z.string(), cpus: z.string() }) }),
    placement: z
      .looseObject({
        constraints: z.array(z.string()).default([]),
        max_replicas_per_node: z.number().optional(),
      })
      .prefault({}),
  }),
});

const named = z.record(z.string(), z.looseObject({ name: z.string() }));
const renderedStack = z.looseObject({
  services: z.record(z.string(), renderedService),
  networks: z.record(z.string(), z.looseObject({ name: z.string().optional() })).default({}),
  configs: named.default({}),
  secrets: named.default({}),
});
export type RenderedStack = z.output<typeof renderedStack>;

/** A stack file of ours, as Docker reads it. Throws where it is none. */
export const parseStack = (yaml: string): RenderedStack =>
  renderedStack.parse(parse(yaml, { version: '1.1', maxAliasCount: 0 }));

/** What a stack file says of each of its services. */
export function describedFacts(yaml: string, stack: string): Map<string, Facts> {
  const file = parseStack(yaml);
  return new Map(
    Object.entries(file.services).map(([name, service]): [string, Facts] => {
      const facts = new Map<string, string>();
      const { deploy } = service;
      facts.set('image', imageOf(service.image));
      facts.set('replicas', String(deploy.replicas));
      facts.set('command', words([...service.entrypoint, ...service.command].map(literal)));
      facts.set('user', service.user);
      facts.set('read-only', String(service.read_only));
      facts.set('capabilities', capabilities(service.cap_add, service.cap_drop));
      facts.set('init', String(service.init));
      facts.set('time to end', `${secondsOf(service.stop_grace_period)} s`);
      facts.set('health check', words((service.healthcheck?.test ?? []).map(literal)));
      for (const [key, value] of Object.entries(service.environment))
        facts.set(`environment ${key}`, literal(value));
      facts.set(
        'networks',
        service.networks
          .map((one) => file.networks[one]?.name ?? `${stack}_${one}`)
          .toSorted()
          .join(' '),
      );
      for (const port of service.ports)
        facts.set(`port ${port.published}/${port.protocol}`, `${port.target}, ${port.mode}`);
      for (const volume of service.volumes) {
        const source = volume.type === 'volume' ? `${stack}_${volume.source}` : (volume.source ?? '');
        facts.set(`mount ${volume.target}`, mount(volume.type, source, volume.tmpfs?.size));
      }
      for (const { source, target } of service.configs)
        facts.set(`config ${target}`, file.configs[source]?.name ?? source);
      for (const { source, target } of service.secrets)
        facts.set(`secret ${target}`, file.secrets[source]?.name ?? source);
      facts.set('memory', `${Number.parseInt(deploy.resources.limits.memory, 10)} MB`);
      facts.set('cpus', String(Number(deploy.resources.limits.cpus)));
      facts.set('placement', deploy.placement.constraints.toSorted().join(', '));
      facts.set('most on one node', String(deploy.placement.max_replicas_per_node ?? 0));
      return [name, facts];
    }),
  );
}

/** The same of a service that runs. */
export function runningFacts(service: RunningService, networks: ReadonlyMap<string, string>): Facts {
  const { TaskTemplate: task, Mode, EndpointSpec } = service.Spec;
  const { ContainerSpec: container } = task;
  const facts = new Map<string, string>();
  facts.set('image', imageOf(container.Image));
  facts.set('replicas', String(Mode.Replicated?.Replicas ?? 'on every node'));
  facts.set('command', words([...container.Command, ...container.Args]));
  facts.set('user', container.User ?? '');
  facts.set('read-only', String(container.ReadOnly ?? false));
  facts.set('capabilities', capabilities(container.CapabilityAdd, container.CapabilityDrop));
  facts.set('init', String(container.Init ?? false));
  facts.set('time to end', `${Math.round((container.StopGracePeriod ?? 10e9) / 1e9)} s`);
  facts.set('health check', words(container.Healthcheck?.Test ?? []));
  for (const line of container.Env) {
    const at = line.indexOf('=');
    facts.set(`environment ${at < 0 ? line : line.slice(0, at)}`, at < 0 ? '' : line.slice(at + 1));
  }
  facts.set(
    'networks',
    task.Networks.map(({ Target }) => networks.get(Target) ?? Target)
      .toSorted()
      .join(' '),
  );
  for (const port of EndpointSpec?.Ports ?? [])
    facts.set(
      `port ${port.PublishedPort ?? 0}/${port.Protocol}`,
      `${port.TargetPort}, ${port.PublishMode ?? ''}`,
    );
  for (const one of container.Mounts)
    facts.set(`mount ${one.Target}`, mount(one.Type, one.Source ?? '', one.TmpfsOptions?.SizeBytes));
  for (const one of container.Configs) facts.set(`config ${one.File?.Name ?? ''}`, one.ConfigName);
  for (const one of container.Secrets) facts.set(`secret ${one.File?.Name ?? ''}`, one.SecretName);
  const { MemoryBytes = 0, NanoCPUs = 0 } = task.Resources?.Limits ?? {};
  facts.set('memory', `${MemoryBytes / 2 ** 20} MB`);
  facts.set('cpus', String(NanoCPUs / 1e9));
  facts.set('placement', (task.Placement?.Constraints ?? []).toSorted().join(', '));
  facts.set('most on one node', String(task.Placement?.MaxReplicas ?? 0));
  return facts;
}

/** What differs, by service and field; empty when both say the same. */
export function differences(
  running: ReadonlyMap<string, Facts>,
  described: ReadonlyMap<string, Facts>,
): Difference[] {
  const found: Difference[] = [];
  for (const name of [...new Set([...described.keys(), ...running.keys()])].toSorted()) {
    const [now, meant] = [running.get(name), described.get(name)];
    if (now === undefined || meant === undefined) {
      found.push({ service: name, field: '', running: now?.get('image'), described: meant?.get('image') });
      continue;
    }
    for (const field of [...new Set([...meant.keys(), ...now.keys()])].toSorted()) {
      if (now.get(field) === meant.get(field)) continue;
      found.push({ service: name, field, running: now.get(field), described: meant.get(field) });
    }
  }
  return found;
}

/** One line: `front · replicas · runs with 3, described as 2`. */
export function differenceLine({ service, field, running, described }: Difference): string {
  if (field === '') {
    return running === undefined
      ? `${service} · does not run, and is described`
      : `${service} · runs (${running}), and is not described`;
  }
  const shown = (value: string | undefined) =>
    value === undefined || value === '' ? 'nothing' : brief(value);
  return `${service} · ${field} · runs with ${shown(running)}, described as ${shown(described)}`;
}

const brief = (value: string): string => (value.length > 100 ? `${value.slice(0, 97)}…` : value);

/** A registry's digest is added by Docker as it deploys. */
export const imageOf = (image: string): string =>
  /:[^/]+@sha256:[0-9a-f]+$/.test(image) ? image.replace(/@sha256:[0-9a-f]+$/, '') : image;

/** A dollar sign is written twice for Compose. */
const literal = (written: string): string => written.replaceAll('$$', '$');
const words = (each: readonly string[]): string => each.join(' ');
const mount = (type: string, source: string, size: number | undefined): string =>
  type === 'tmpfs' ? `in memory, ${(size ?? 0) / 2 ** 20} MB` : `${type} ${source}`;
const capabilities = (added: readonly string[], dropped: readonly string[]): string => {
  const plain = (each: readonly string[]) => each.map((one) => one.replace(/^CAP_/, '')).toSorted();
  return [...plain(dropped).map((one) => `-${one}`), ...plain(added).map((one) => `+${one}`)].join(' ');
};

/** `90s`, `1830s`, `1m30s` in seconds. */
function secondsOf(duration: string): number {
  const units: Record<string, number> = { h: 3600, m: 60, s: 1 };
  return [...duration.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0),
    0,
  );
}
