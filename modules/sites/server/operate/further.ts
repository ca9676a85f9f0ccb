import { parse, parseDocument } from 'yaml';
import { z } from 'zod';
import {
  type DescriptionError,
  errorLine,
  type FurtherService,
  furtherServiceSchema,
  type Site,
} from '../../contract/index.ts';
import { literal } from '../render/service.ts';
import type { SwarmService } from '../render/stack-types.ts';
import { parseStack } from './facts.ts';

/** A file of Compose with one service in it, as far as it is taken; everything else in it is refused by name. */
const composeFile = z.strictObject({
  version: z.unknown().optional(),
  name: z.unknown().optional(),
  services: z.record(z.string(), z.record(z.string(), z.unknown())),
  volumes: z.record(z.string(), z.unknown()).optional(),
  secrets: z.record(z.string(), z.unknown()).optional(),
});

/** What would undo what holds for every service of a site, and what to do instead. */
const forbidden: Record<string, string> = {
  privileged: 'remove it: no service has the rights of its node',
  network_mode: 'remove it: the service joins the network of the site, and publishes its ports in host mode',
  networks: 'remove it: the service joins the network of the site',
  pid: 'remove it: services do not see the processes of their node',
  ipc: 'remove it: services do not share memory with their node',
  cap_add: 'remove it: all rights are taken away from services',
  devices: 'remove it: services do not have devices of their node',
  security_opt: 'remove it',
  userns_mode: 'remove it',
  build: 'build the image beforehand, and name it with its version',
  env_file: 'write what is no secret into environment, and secrets into files that secrets names',
  restart: 'remove it: the swarm starts it again',
  container_name: 'remove it',
  depends_on: 'remove it: a service waits by itself for what it needs',
};

const taken = new Set([
  ...['image', 'entrypoint', 'command', 'environment', 'user', 'ports', 'volumes', 'tmpfs', 'secrets'],
  ...['healthcheck', 'deploy', 'read_only', 'cap_drop', 'init'],
]);

export type ReadService =
  | { readonly ok: true; readonly name: string; readonly service: FurtherService }
  | { readonly ok: false; readonly errors: readonly DescriptionError[] };

const mostBytes = 100_000;

/**
 * Reads a further service and asks of it what holds for every service of a site.
 *
 * @param stack the site's own, for names and ports that are taken; undefined where there is none yet
 */
export function readFurtherService(text: string, site: Site, stack: string | undefined): ReadService {
  const errors: DescriptionError[] = [];
  const say = (field: string, what: string, mend: string) => void errors.push({ field, what, mend });
  const done = (): ReadService => ({ ok: false, errors });
  let file: z.output<typeof composeFile>;
  try {
    if (text.length > mostBytes) throw new Error('it is larger than 100 kB');
    file = composeFile.parse(parse(text, { version: '1.1', maxAliasCount: 0 }));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? (error.issues[0]?.message ?? '') : String(error).slice(0, 200);
    say('the file', reason, 'write a Compose file with one service: services: { NAME: { image: … } }');
    return done();
  }
  const entries = Object.entries(file.services);
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) {
    say('services', `there are ${entries.length} of them`, 'write one service into each file');
    return done();
  }
  const [name, given] = entry;
  const at = (path: string) => `services.${name}.${path}`;
  for (const key of Object.keys(given)) {
    if (forbidden[key] !== undefined) say(at(key), 'it cannot be had here', forbidden[key]);
    else if (!taken.has(key)) say(at(key), 'it is not known here', 'remove it');
  }
  const own = stack === undefined ? undefined : parseStack(stack);
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
    say(
      'services',
      `${name} cannot be a name`,
      'write a short name of lower-case letters, digits and hyphens',
    );
  }
  if (site.processes.some((one) => one.name === name) || reserved.has(name))
    say('services', `${name} is the name of a service of the site`, 'choose another name');
  const candidate = {
    image: given.image,
    entrypoint: wordsOf(given.entrypoint),
    command: wordsOf(given.command),
    environment: environmentOf(given.environment, (key, what, mend) =>
      say(at(`environment.${key}`), what, mend),
    ),
    user: given.user === undefined ? undefined : String(given.user),
    ports: portsOf(given.ports, (what, mend) => say(at('ports'), what, mend)),
    ...volumesOf(given, (what, mend) => say(at('volumes'), what, mend)),
    secrets: Array.isArray(given.secrets) ? given.secrets : [],
    health: healthOf(given.healthcheck),
    ...limitsOf(given.deploy),
  };
  if (/:latest$/.test(String(given.image)) || !/[:@]/.test(String(given.image).split('/').at(-1) ?? '')) {
    say(at('image'), `${String(given.image)} is another one tomorrow`, 'name one version, or a digest');
  }
  if (candidate.user === undefined || candidate.user === '0' || candidate.user.startsWith('0:'))
    say(at('user'), 'it would run as root', "write user: '1000:1000', or another one that is not 0");
  if (candidate.health === undefined) {
    say(at('healthcheck'), 'nobody would know whether it is well', 'write healthcheck: { test: [CMD, …] }');
  }
  if (candidate.memoryMb === undefined || candidate.cpus === undefined) {
    say(
      at('deploy.resources.limits'),
      'it could take the whole node',
      'write deploy: { resources: { limits: { memory: 256M, cpus: "0.5" } } }',
    );
  }
  for (const { published, protocol } of candidate.ports) {
    const other = Object.entries(own?.services ?? {}).find(
      ([service, { ports }]) =>
        service !== name && ports.some((one) => one.published === published && one.protocol === protocol),
    );
    if (other !== undefined)
      say(at('ports'), `${published}/${protocol} is taken by ${other[0]}`, 'choose another port');
  }
  if (candidate.ports.length > 0 && (candidate.replicas ?? 1) > site.nodes.length) {
    say(
      at('deploy.replicas'),
      `${candidate.replicas} replicas take ports of ${site.nodes.length} nodes`,
      `write at most ${site.nodes.length}`,
    );
  }
  if (errors.length > 0) return done();
  const parsed = furtherServiceSchema.safeParse(candidate);
  if (parsed.success) return { ok: true, name, service: parsed.data };
  for (const issue of parsed.error.issues) {
    say(at(issue.path.join('.')), 'it has another form', issue.message);
  }
  return done();
}

/** All that is wrong with it, in one line. */
export const furtherErrors = (errors: readonly DescriptionError[]): string =>
  errors.map(errorLine).join('; ');

const reserved = new Set([
  ...['postgres', 'postgres-standby', 'nats', 'edge', 'turn', 'prometheus', 'grafana', 'tasks', 'operator'],
]);

const wordsOf = (given: unknown): unknown[] =>
  Array.isArray(given) ? given : given === undefined ? [] : ['/bin/sh', '-c', given];

function environmentOf(
  given: unknown,
  say: (key: string, what: string, mend: string) => void,
): Record<string, string> {
  const pairs: [string, unknown][] = Array.isArray(given)
    ? given.map((line) => {
        const [key = '', ...value] = String(line).split('=');
        return [key, value.join('=')];
      })
    : Object.entries((given ?? {}) as Record<string, unknown>);
  for (const [key, value] of pairs) {
    const named =
      /password|passwd|secret|token|credential|(^|_)key$|private/i.test(key) && !/_FILE$/.test(key);
    if ((named && String(value ?? '') !== '') || /:\/\/[^/\s:]*:[^/\s@]+@/.test(String(value))) {
      say(
        key,
        'a secret may stand here, where everybody with Docker reads it',
        'put it into a file in rendered/secrets, name that in secrets, and let the program read /run/secrets/NAME',
      );
    }
  }
  return Object.fromEntries(pairs.map(([key, value]) => [key, String(value ?? '')]));
}

interface GivenPort {
  readonly target: number;
  readonly published: number;
  readonly protocol: 'tcp' | 'udp';
}

function portsOf(given: unknown, say: (what: string, mend: string) => void): GivenPort[] {
  if (given === undefined) return [];
  const mend = 'write each as { target: 8080, published: 8080, protocol: tcp, mode: host }';
  const form = z.strictObject({
    target: z.number(),
    published: z.coerce.number(),
    protocol: z.enum(['tcp', 'udp']).default('tcp'),
    mode: z.literal('host'),
  });
  return (Array.isArray(given) ? given : [given]).flatMap((one) => {
    const port = form.safeParse(one);
    if (!port.success) {
      say(
        `${JSON.stringify(one).slice(0, 60)} would go through the routing mesh, which hides who calls`,
        mend,
      );
      return [];
    }
    const { mode: _, ...kept } = port.data;
    return [kept];
  });
}

function volumesOf(
  given: Record<string, unknown>,
  say: (what: string, mend: string) => void,
): { volumes: Record<string, string>; scratch: string[] } {
  const volumes: Record<string, string> = {};
  for (const one of Array.isArray(given.volumes) ? given.volumes : []) {
    const [source = '', target = ''] =
      typeof one === 'string'
        ? one.split(':')
        : [
            String((one as { source?: unknown }).source ?? ''),
            String((one as { target?: unknown }).target ?? ''),
          ];
    if (/^[a-z][a-z0-9-]*$/.test(source) && target.startsWith('/')) volumes[target] = source;
    else {
      say(
        `${JSON.stringify(one).slice(0, 60)} is a folder of the node`,
        'name a volume: NAME:/folder; what is no data goes into tmpfs',
      );
    }
  }
  const tmpfs = given.tmpfs;
  const scratch = (Array.isArray(tmpfs) ? tmpfs : tmpfs === undefined ? [] : [tmpfs]).map((one) =>
    String(one).replace(/:.*$/, ''),
  );
  return { volumes, scratch };
}

function healthOf(given: unknown): { test: string[]; interval?: string; startPeriod?: string } | undefined {
  const form = z.looseObject({
    test: z.union([z.string(), z.array(z.string())]),
    interval: z.string().optional(),
    start_period: z.string().optional(),
    disable: z.literal(false).optional(),
  });
  const health = form.safeParse(given);
  if (!health.success) return undefined;
  const { test, interval, start_period: startPeriod } = health.data;
  const words = typeof test === 'string' ? ['CMD-SHELL', test] : test;
  if (words[0] === 'NONE') return undefined;
  return {
    test: words,
    ...(interval === undefined ? {} : { interval }),
    ...(startPeriod === undefined ? {} : { startPeriod }),
  };
}

function limitsOf(given: unknown): { memoryMb?: number; cpus?: number; replicas?: number } {
  const form = z.looseObject({
    replicas: z.number().optional(),
    resources: z
      .looseObject({
        limits: z
          .looseObject({ memory: z.string().optional(), cpus: z.coerce.number().optional() })
          .optional(),
      })
      .optional(),
  });
  const deploy = form.safeParse(given);
  if (!deploy.success) return {};
  const { replicas, resources } = deploy.data;
  const [, amount, unit = ''] = /^(\d+)\s*([mg])b?$/i.exec(resources?.limits?.memory ?? '') ?? [];
  const memoryMb = amount === undefined ? undefined : Number(amount) * (/g/i.test(unit) ? 1024 : 1);
  const cpus = resources?.limits?.cpus;
  return {
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(replicas === undefined ? {} : { replicas }),
  };
}

/** A site's stack file with its further services in it; comments and order of the others stay. */
export function withFurtherServices(options: {
  yaml: string;
  stack: string;
  site: Site;
  services: Readonly<Record<string, FurtherService>>;
  secretMark: (name: string) => string;
}): string {
  const { yaml, stack, site, services, secretMark } = options;
  if (Object.keys(services).length === 0) return yaml;
  const document = parseDocument(yaml, { version: '1.1' });
  for (const [name, service] of Object.entries(services).toSorted(([a], [b]) => a.localeCompare(b))) {
    document.setIn(['services', name], document.createNode(swarmServiceOf(name, service, site)));
    for (const volume of Object.values(service.volumes))
      document.setIn(['volumes', `${name}-${volume}`], document.createNode({}));
    for (const secret of service.secrets) {
      const named = { name: `${stack}_${secret}_${secretMark(secret)}`, file: `./secrets/${secret}` };
      document.setIn(['secrets', secret], document.createNode(named));
    }
  }
  return document.toString({ lineWidth: 0, directives: false });
}

/** The names of secrets that further services are given. */
export const furtherSecrets = (services: Readonly<Record<string, FurtherService>>): string[] => [
  ...new Set(Object.values(services).flatMap(({ secrets }) => secrets)),
];

function swarmServiceOf(name: string, service: FurtherService, site: Site): Partial<SwarmService> {
  const alone = service.ports.length > 0 || Object.keys(service.volumes).length > 0;
  const rule = {
    parallelism: 1,
    order: alone ? 'stop-first' : 'start-first',
    delay: '2s',
    monitor: `${site.limits.watchSeconds}s`,
    max_failure_ratio: 0,
  } as const;
  const [uid = '1000', gid = uid] = service.user.split(':');
  return {
    image: service.image,
    ...(service.entrypoint.length === 0 ? {} : { entrypoint: service.entrypoint.map(literal) }),
    ...(service.command.length === 0 ? {} : { command: service.command.map(literal) }),
    ...(Object.keys(service.environment).length === 0
      ? {}
      : {
          environment: Object.fromEntries(
            Object.entries(service.environment).map(([key, value]) => [key, literal(value)]),
          ),
        }),
    user: service.user,
    read_only: true,
    cap_drop: ['ALL'],
    healthcheck: {
      test: service.health.test.map(literal),
      interval: service.health.interval,
      timeout: '4s',
      retries: 3,
      start_period: service.health.startPeriod,
    },
    stop_grace_period: '30s',
    logging: {
      driver: 'json-file',
      options: { 'max-size': `${Math.max(1, Math.floor(site.limits.logMb / 5))}m`, 'max-file': '5' },
    },
    networks: ['site'],
    ...(service.ports.length === 0
      ? {}
      : { ports: service.ports.map((port) => ({ ...port, mode: 'host' })) }),
    volumes: [
      ...Object.entries(service.volumes).map(([target, volume]) => ({
        type: 'volume',
        source: `${name}-${volume}`,
        target,
      })),
      ...service.scratch.map((target) => ({ type: 'tmpfs', target, tmpfs: { size: 64 * 1024 * 1024 } })),
    ],
    ...(service.secrets.length === 0
      ? {}
      : { secrets: service.secrets.map((source) => ({ source, target: source, uid, gid, mode: 0o400 })) }),
    deploy: {
      mode: 'replicated',
      endpoint_mode: 'dnsrr',
      replicas: service.replicas,
      labels: { 'liaison.site': site.id, 'liaison.further': 'yes' },
      update_config: { ...rule, failure_action: 'rollback' },
      rollback_config: { ...rule, failure_action: 'pause' },
      restart_policy: { condition: 'any', delay: '1s' },
      resources: {
        limits: { memory: `${service.memoryMb}M`, cpus: String(service.cpus) },
        reservations: { memory: `${Math.ceil(service.memoryMb / 4)}M` },
      },
      placement: {
        preferences: [{ spread: 'node.id' }],
        ...(service.ports.length === 0 ? {} : { max_replicas_per_node: 1 }),
      },
    },
  } as Partial<SwarmService>;
}
