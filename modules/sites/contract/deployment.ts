import { z } from 'zod';
import * as field from './fields.ts';

/** The governance sites; each is in every id that it makes, so the words never change. */
export const siteIds = ['eu', 'na', 'sa', 'ap'] as const;
export type SiteId = (typeof siteIds)[number];

export const duties = ['api', 'live', 'worker', 'sip', 'media', 'mail'] as const;

export const nodeSchema = z.strictObject({
  /** The machine's host name, as Docker shows it. */
  name: field.name,
  /** Under which telephones and browsers reach this machine. */
  address: field.address,
  /** Where its Docker engine is reached by the operator. */
  docker: field.text(
    /^(?:unix:\/\/\/[\w./-]+|ssh:\/\/(?:[\w.-]+@)?[\w.-]+(?::\d{1,5})?|context:[\w.-]{1,100})$/,
    'write unix:///var/run/docker.sock, ssh://user@machine, or context:NAME of a Docker context',
  ),
  /** Managers keep the cluster's state: one, three or five of them. */
  manager: field.flag.default(true),
});

const process = z.strictObject({
  name: field.name,
  /** What each replica does; a process with `sip` or `media` takes ports of its node for itself. */
  duties: z
    .array(field.oneOf(duties), { error: `list some of ${duties.join(', ')}, or write 'all'` })
    .min(1, { error: `list some of ${duties.join(', ')}, or write 'all'` })
    .or(z.literal('all'))
    .transform((listed) => (listed === 'all' ? [...duties] : duties.filter((duty) => listed.includes(duty)))),
  replicas: field.count(1, 64).default(1),
  /** Nodes that it may run on; all of the site unless told. */
  nodes: z.array(field.name, { error: 'list names of nodes' }).min(1).optional(),
  /** Media ports of each replica, on the node where it runs. Needed with the duty `media`. */
  rtpPorts: field.ports.optional(),
  /** The most it may take. */
  memoryMb: field.count(256, 262_144).default(1024),
  cpus: field.amount(0.1, 128).default(1),
});

const postgres = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('managed'),
      primary: field.name,
      standby: field.name.optional(),
      /** Megabytes of its log that are kept for a standby or backups that are away; a standby that lacks more is made anew. */
      keptLogMb: field.count(64, 1_000_000).default(4096),
      /** `synchronous`: an acknowledged change is on both nodes, and nothing is acknowledged while the standby is away. */
      replication: field.oneOf(['asynchronous', 'synchronous']).default('asynchronous'),
      /** Rises with every change of primary, and fences the one before. */
      epoch: field.count(1, 1_000_000).default(1),
      password: field.secretName,
      replicationPassword: field.secretName.optional(),
      /** Of all processes together; enough for fifteen of them unless told. */
      connections: field.count(20, 5000).default(200),
      memoryMb: field.count(256, 262_144).default(2048),
      cpus: field.amount(0.1, 128).default(2),
    }),
    z.strictObject({
      kind: z.literal('external'),
      host: field.text(/^[a-z0-9][a-z0-9.-]{0,252}$/, 'write the name or address of the PostgreSQL server'),
      port: field.port.default(5432),
      database: field.name.default('liaison'),
      user: field.text(/^[a-z_][a-z0-9_-]{0,62}$/, 'write a login that may create roles'),
      password: field.secretName,
    }),
  ],
  { error: "write kind: 'managed' or 'external'" },
);

const nats = z.strictObject({
  /** Any odd number up to one for each node. */
  servers: field.count(1, 9),
  memoryMb: field.count(32, 16_384).default(256),
});

const httpAddress = (mend: string) =>
  field.text(/^https?:\/\/(?![^/]*@)[a-z0-9.-]+(?::\d{1,5})?(?:\/[\w./-]*)?$/, mend);

const blobs = z.discriminatedUnion(
  'kind',
  [
    /** A volume on one node: every process that touches files runs there. */
    z.strictObject({ kind: z.literal('folder'), node: field.name }),
    /** A folder that every node mounts from the same place (NFS, CephFS). */
    z.strictObject({ kind: z.literal('shared-folder'), path: field.absoluteFolder }),
    z.strictObject({
      kind: z.literal('s3'),
      product: field.oneOf(['garage', 'seaweedfs', 'swift', 'other']),
      endpoint: httpAddress(
        'write the address of the store, without a login, such as https://s3.example.org',
      ),
      region: field.name.default('garage'),
      bucket: field.text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'write the name of a bucket'),
      accessKey: field.secretName,
      secretKey: field.secretName,
    }),
  ],
  { error: "write kind: 'folder', 'shared-folder' or 's3'" },
);

const certificate = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('acme'),
      directory: httpAddress('write the directory of the authority').default(
        'https://acme-v02.api.letsencrypt.org/directory',
      ),
      email: z.email({ error: 'write an e-mail address that somebody reads' }),
      /** PEM of the authority's own certificate, where the machine does not know it. */
      authority: field.secretName.optional(),
    }),
    z.strictObject({ kind: z.literal('own'), certificate: field.secretName, key: field.secretName }),
    /** By an authority that Caddy makes for itself: for trials. */
    z.strictObject({ kind: z.literal('self-made') }),
  ],
  { error: "write kind: 'acme', 'own' or 'self-made'" },
);

const edge = z.strictObject({
  nodes: z.array(field.name, { error: 'list names of nodes' }).min(1, { error: 'name at least one node' }),
  certificate,
  httpPort: field.port.default(80),
  httpsPort: field.port.default(443),
  memoryMb: field.count(64, 16_384).default(256),
});

const turn = z.strictObject({
  node: field.name,
  secret: field.secretName,
  port: field.port.default(3478),
  relayPorts: field.ports.prefault('49152-49351'),
});

const backups = z.strictObject({
  /** When a new one begins each day; in between the log is shipped as it is written. */
  at: field
    .text(
      /^([01]\d|2[0-3]):[0-5]\d [A-Za-z0-9_+/-]{1,60}$/,
      'write a time of day and its IANA time zone, such as 03:00 Europe/Lisbon',
    )
    .default('03:00 UTC'),
  to: z.discriminatedUnion(
    'kind',
    [
      /** A folder of one node, owned by 1000:1000; a process with the duty `worker` stays on that node alone. */
      z.strictObject({ kind: z.literal('folder'), node: field.name, path: field.absoluteFolder }),
      z.strictObject({
        kind: z.literal('s3'),
        endpoint: httpAddress('write the address of the store, without a login'),
        region: field
          .text(/^[a-z0-9-]{1,40}$/, 'write the region that the store signs with, such as eu')
          .default('us-east-1'),
        bucket: field.text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'write the name of a bucket'),
        accessKey: field.secretName,
        secretKey: field.secretName,
      }),
    ],
    { error: "write kind: 'folder' or 's3'" },
  ),
  /** The last of how many days, weeks and months stay. */
  keep: field
    .text(/^[1-9]\d{0,2}d( \d{1,3}w)?( \d{1,3}m)?$/, 'write numbers with d, w and m, such as 7d 4w 12m')
    .default('7d 4w 12m'),
  /** Public keys to which they are encrypted, as `backup-key` shows them; who has none of the identities reads nothing. */
  recipients: z
    .array(
      field.text(
        /^age1[02-9ac-hj-np-z0-9]{50,2500}$/,
        'write the line age1… that liaison backup-key has shown',
      ),
      { error: 'list the public keys that liaison backup-key has shown' },
    )
    .min(1, { error: 'name at least one public key' })
    .max(8),
});

const monitoring = z.strictObject({
  node: field.name,
  /** Its own host name at the edge, and the password of its administrator. */
  grafana: z.strictObject({ host: field.hostName, password: field.secretName }).optional(),
  keepDays: field.count(1, 400).default(30),
});

const limits = z.strictObject({
  /** How long a process that is replaced goes on with its calls before they are cut. */
  drainMinutes: field.count(0, 240).default(30),
  logMb: field.count(1, 10_000).default(50),
  /** How often a container is asked whether it is well. The first time counts too: a start takes at least so long. */
  healthSeconds: field.count(1, 60).default(5),
  /** How long a replica that was replaced is watched before the next is, and before an update counts as done. */
  watchSeconds: field.count(1, 3600).default(15),
});

const site = z.strictObject({
  id: field.oneOf(siteIds),
  /** In words, for people: Europe and Africa. */
  region: z.string({ error: 'say in words where it is' }).trim().min(1).max(80),
  /** The host name under which its people open their pages. */
  host: field.hostName,
  /** Docker Swarm on any number of machines, or Docker Compose on one. */
  runs: field.oneOf(['swarm', 'compose']).default('swarm'),
  /** The containers' own network; no other machine may use it. */
  subnet: field.subnet.default('10.83.0.0/20'),
  nodes: z
    .array(nodeSchema, { error: 'list the machines' })
    .min(1, { error: 'name at least one machine' })
    .max(200),
  processes: z.array(process, { error: 'list the processes' }).min(1, { error: 'name at least one' }).max(20),
  sip: z.strictObject({ port: field.port.default(5060), tlsPort: field.port.default(5061) }).prefault({}),
  postgres,
  nats: nats.optional(),
  blobs,
  edge: edge.optional(),
  turn: turn.optional(),
  backups: backups.optional(),
  monitoring: monitoring.optional(),
  limits: limits.prefault({}),
});

/** Other people's programs, as they are run; pinned, and replaceable by images of your own registry. */
const images = z.strictObject({
  postgres: field.image.default('docker.io/library/postgres:18.1-bookworm'),
  nats: field.image.default('docker.io/library/nats:2.12.2-alpine3.22'),
  caddy: field.image.default('docker.io/library/caddy:2.10.2-alpine'),
  coturn: field.image.default('docker.io/coturn/coturn:4.7.0-r4-alpine'),
  prometheus: field.image.default('docker.io/prom/prometheus:v3.7.3'),
  grafana: field.image.default('docker.io/grafana/grafana:12.2.1'),
});

export const versionSchema = field.text(
  /^(?!latest$)[\w][\w.-]{0,127}$/,
  'name one version, such as 0.1.0: latest is another one tomorrow',
);

export const deploymentSchema = z.strictObject({
  name: field.name,
  /** The domain of the organisation, from which names of sites are made. */
  domain: field.hostName,
  /** The image of this program, without its version. */
  image: field.text(
    /^[a-z0-9][a-z0-9._/-]*(?::\d{1,5}\/[a-z0-9._/-]+)?$/,
    'name the image without a version, such as registry.estuaria.example/liaison',
  ),
  version: versionSchema,
  images: images.prefault({}),
  sites: z.array(site, { error: 'list the sites' }).min(1, { error: 'describe at least one site' }).max(4),
});

/** As it is written in `deploy/sites/<site>/site.ts`. */
export type DeploymentInput = z.input<typeof deploymentSchema>;
/** Checked and complete; see `defineDeployment`. */
export type Deployment = z.output<typeof deploymentSchema>;
export type Site = Deployment['sites'][number];
export type SiteNode = Site['nodes'][number];
export type SiteProcess = Site['processes'][number];
export type ManagedPostgres = Extract<Site['postgres'], { kind: 'managed' }>;
export type Edge = NonNullable<Site['edge']>;
