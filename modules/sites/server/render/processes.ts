import {
  nodesOf,
  portsText,
  type SecretName,
  type Site,
  type SiteProcess,
  takesHostPorts,
} from '../../contract/index.ts';
import { keepsBackups } from '../../contract/rules.ts';
import { image } from './image.ts';
import { ordinary, type Program, type Published, type ServiceName } from './program.ts';

export const httpPort = 8080;
const httpsPort = 8443;

/** Our own processes, as `LIAISON_DUTIES` splits them. */
export function processPrograms(options: { site: Site; image: string; nameOf: ServiceName }): Program[] {
  const { site } = options;
  return site.processes.map((process) => ({
    ...ordinary,
    name: process.name,
    purpose: `Liaison: ${process.duties.join(', ')}`,
    image: options.image,
    entrypoint: ['/bin/bash', '/etc/liaison/start', ...image.command],
    environment: environmentOf(site, process, options.nameOf),
    user: image.user,
    configs: [{ config: 'start', target: '/etc/liaison/start' }],
    secrets: secretsOf(site, process),
    volumes: volumesOf(site, process),
    scratch: [...ordinary.scratch, ...(hasDisk(site, process) ? [] : [{ target: image.data, sizeMb: 64 }])],
    ports: portsOf(site, process),
    // The first of a new site makes the whole database before it is ready, on a machine that is starting everything.
    health: { test: image.health, startSeconds: 180 },
    replicas: process.replicas,
    onePerNode: takesHostPorts(process),
    nodes: nodesOf(site, process),
    memoryMb: process.memoryMb,
    cpus: process.cpus,
    // A process ends by itself at its limit: it is killed only when it does not.
    graceSeconds: carriesCalls(process) ? site.limits.drainMinutes * 60 + 30 : 30,
  }));
}

/** Whether calls, pages or requests are on their way through it when it is told to end. */
const carriesCalls = (process: SiteProcess): boolean =>
  process.duties.some((duty) => duty !== 'worker' && duty !== 'mail');

/** Even where calls are not waited for, pages and requests are moved to others first. */
const drainLimit = (site: Site): string =>
  site.limits.drainMinutes === 0 ? '10s' : `${site.limits.drainMinutes}m`;

/** Telephones that trust the self-made authority trust it after an update too: its folder outlives the container. */
const keepsData = (process: SiteProcess): boolean => process.duties.includes('sip');

/** In its volume under its own name, as blobs may lie beside it; else in memory. */
function dataFolderOf(site: Site, process: SiteProcess): string {
  if (keepsData(process)) return `${image.data}/${process.name}`;
  return hasDisk(site, process) ? '/tmp/liaison' : image.data;
}

function environmentOf(site: Site, process: SiteProcess, nameOf: ServiceName): Record<string, string> {
  const outerPort = site.edge?.httpsPort ?? 443;
  return {
    LIAISON_DATA: dataFolderOf(site, process),
    ...(hasDisk(site, process) ? { TMPDIR: `${image.data}/work` } : {}),
    LIAISON_SITE: site.id,
    LIAISON_DUTIES: process.duties.join(','),
    LIAISON_PUBLIC_URL: `https://${site.host}${outerPort === 443 ? '' : `:${outerPort}`}`,
    LIAISON_HTTP_PORT: String(httpPort),
    LIAISON_HTTPS_PORT: String(httpsPort),
    ...(carriesCalls(process) ? { LIAISON_DRAIN_LIMIT: drainLimit(site) } : {}),
    // Whoever comes through the edge is told from a Prometheus by its headers.
    ...(site.monitoring === undefined ? {} : { LIAISON_METRICS_FROM: site.subnet }),
    ...(site.edge === undefined ? {} : { LIAISON_TRUSTED_PROXIES: site.subnet }),
    ...(process.duties.includes('sip')
      ? { LIAISON_SIP_PORT: String(site.sip.port), LIAISON_SIPS_PORT: String(site.sip.tlsPort) }
      : {}),
    ...(process.rtpPorts === undefined ? {} : { LIAISON_RTP_PORTS: portsText(process.rtpPorts) }),
    ...(site.turn === undefined ? {} : { LIAISON_TURN_URLS: turnUrls(site) }),
    ...(site.nats === undefined ? {} : { NATS_URL: `nats://${nameOf('nats')}:4222` }),
    ...(site.blobs.kind === 's3' ? {} : { BLOBS_URL: `file://${blobsFolderOf(site)}` }),
    ...backupsOf(site, process),
    ...(site.edge?.certificate.kind === 'own'
      ? {
          LIAISON_TLS_CERT: `/run/secrets/${site.edge.certificate.certificate.secret}`,
          LIAISON_TLS_KEY: `/run/secrets/${site.edge.certificate.key.secret}`,
        }
      : {}),
  };
}

/** What is on its way into a bucket, and what previews and exports are made of, may be larger than memory. */
const takesFiles = (process: SiteProcess): boolean =>
  process.duties.some((duty) => duty === 'api' || duty === 'worker' || duty === 'mail');

/** Where the folder of the backups is mounted. */
const backupsFolder = '/backups';

/** The address of a bucket holds its secret: the start script makes it. */
function backupsOf(site: Site, process: SiteProcess): Record<string, string> {
  if (site.backups === undefined || !keepsBackups(site, process)) return {};
  const { at, to, keep, recipients } = site.backups;
  return {
    LIAISON_BACKUP_RECIPIENT: recipients.join(','),
    LIAISON_BACKUP_AT: at,
    LIAISON_BACKUP_KEEP: keep,
    LIAISON_BACKUP_WORK: `${image.data}/backup-check`,
    // A folder below: one that is not mounted is told from one that is empty.
    ...(to.kind === 'folder' ? { LIAISON_BACKUP_TO: `${backupsFolder}/${site.id}` } : {}),
  };
}

/** The image's own folder is the only one that a new volume finds with the right owner. */
const blobsFolderOf = (site: Site): string =>
  site.blobs.kind === 'folder' ? `${image.data}/blobs` : '/blobs';

function turnUrls(site: Site): string {
  const node = site.nodes.find(({ name }) => name === site.turn?.node);
  const at = `${node?.address}:${site.turn?.port}`;
  return `turn:${at},turn:${at}?transport=tcp`;
}

/** The name of the file with the master key; every process of a site has the same. */
export const masterKey = 'master-key';

function secretsOf(site: Site, process: SiteProcess): string[] {
  const named = [masterKey, site.postgres.password.secret];
  if (site.turn !== undefined) named.push(site.turn.secret.secret);
  if (site.blobs.kind === 's3') named.push(site.blobs.accessKey.secret, site.blobs.secretKey.secret);
  if (site.backups?.to.kind === 's3' && keepsBackups(site, process)) {
    named.push(site.backups.to.accessKey.secret, site.backups.to.secretKey.secret);
  }
  if (site.edge?.certificate.kind === 'own') {
    named.push(site.edge.certificate.certificate.secret, site.edge.certificate.key.secret);
  }
  return [...new Set(named)];
}

function volumesOf(site: Site, process: SiteProcess): Program['volumes'] {
  const { blobs } = site;
  const to = keepsBackups(site, process) ? site.backups?.to : undefined;
  const backups =
    to?.kind === 'folder' ? [{ kind: 'folder', path: to.path, target: backupsFolder } as const] : [];
  if (blobs.kind === 'folder')
    return [{ kind: 'named', name: 'data', target: image.data, shared: true }, ...backups];
  return [
    ...(keepsData(process)
      ? [{ kind: 'named', name: `${process.name}-data`, target: image.data, shared: false } as const]
      : to === undefined && !takesFiles(process)
        ? []
        : // A backup is proved by a restore, for which no memory would do; several replicas may stand beside each other.
          [{ kind: 'named', name: 'work', target: image.data, shared: true } as const]),
    ...(blobs.kind === 'shared-folder'
      ? [{ kind: 'folder', path: blobs.path, target: blobsFolderOf(site) } as const]
      : []),
    ...backups,
  ];
}

/** Whether its folder of data is a volume, and no memory. */
const hasDisk = (site: Site, process: SiteProcess): boolean =>
  volumesOf(site, process).some(({ target }) => target === image.data);

function portsOf(site: Site, process: SiteProcess): Published[] {
  const published: Published[] = [];
  const one = (port: number) => ({ from: port, to: port });
  if (site.edge === undefined) {
    published.push({ ports: one(80), inside: httpPort, transport: 'tcp' });
    published.push({ ports: one(443), inside: httpsPort, transport: 'tcp' });
  }
  if (process.duties.includes('sip')) {
    published.push({ ports: one(site.sip.port), transport: 'udp' });
    published.push({ ports: one(site.sip.port), transport: 'tcp' });
    published.push({ ports: one(site.sip.tlsPort), transport: 'tcp' });
  }
  if (process.rtpPorts !== undefined) {
    published.push({ ports: process.rtpPorts, transport: 'udp' });
    // Browsers that are let out over TCP alone.
    published.push({ ports: process.rtpPorts, transport: 'tcp' });
  }
  return published;
}

/** A secret's value, fit for an address, as the script reads it. */
const valueIn = ({ secret }: SecretName): string => `$(encoded /run/secrets/${secret})`;

function bucketUrl(
  store: { endpoint: string; region: string; accessKey: SecretName; secretKey: SecretName },
  path: string,
): string {
  const { protocol, host } = new URL(store.endpoint);
  const scheme = protocol === 'https:' ? 's3' : 's3+http';
  return `${scheme}://${valueIn(store.accessKey)}:${valueIn(store.secretKey)}@${host}/${path}?region=${store.region}`;
}

/** For a login that may create roles. */
function databaseUrl(postgres: Site['postgres'], nameOf: ServiceName): string {
  const password = valueIn(postgres.password);
  if (postgres.kind === 'external') {
    const { user, host, port, database } = postgres;
    return `postgres://${user}:${password}@${host}:${port}/${database}`;
  }
  return `postgres://postgres:${password}@${nameOf('postgres')}:5432/liaison`;
}

/**
 * A program that ends without its database and is started again every second keeps the whole machine busy, and PostgreSQL
 * from starting: this waits instead, with nothing but bash.
 */
function untilDatabase(postgres: Site['postgres'], nameOf: ServiceName): string[] {
  const [host, port] =
    postgres.kind === 'external' ? [postgres.host, postgres.port] : [nameOf('postgres'), 5432];
  return [
    '# The first process of a container is ended by no signal unless it says so.',
    "trap 'exit 143' TERM",
    'waiting=',
    `until timeout 3 bash -c ': </dev/tcp/${host}/${port}' 2>/dev/null; do`,
    `  [ -n "$waiting" ] || echo "liaison: waiting for the database at ${host}:${port}" >&2`,
    '  waiting=yes',
    '  sleep 1',
    'done',
    'trap - TERM',
  ];
}

/** Gives a process what only its node knows, and its secrets, and becomes the program. */
export function startScript(site: Site, nameOf: ServiceName): string {
  const { postgres, blobs, turn } = site;
  const lines = [
    '#!/bin/bash',
    '# What only the node knows, and what no description holds; then the program itself.',
    'set -euo pipefail',
    'umask 077',
    '# A file as a part of an address: whatever is no letter or digit is written by its number.',
    'encoded() {',
    '  local LC_ALL=C text out= at sign',
    '  text=$(<"$1")',
    `  for ((at = 0; at < \${#text}; at++)); do`,
    `    sign=\${text:at:1}`,
    '    case $sign in',
    '      [A-Za-z0-9._~-]) ;;',
    `      *) printf -v sign '%%%02X' "'$sign" ;;`,
    '    esac',
    '    out+=$sign',
    '  done',
    '  printf %s "$out"',
    '}',
    `case "\${NODE_NAME:?}" in`,
    ...site.nodes.map(({ name, address }) => `  ${name}) export LIAISON_ADVERTISE=${address} ;;`),
    '  *)',
    '    echo "liaison: the node $NODE_NAME is not described · NODE_NAME · add it to the site and render again" >&2',
    '    exit 1',
    '    ;;',
    'esac',
  ];
  lines.push(
    ...untilDatabase(postgres, nameOf),
    `mkdir -p "$LIAISON_DATA/keys" "\${TMPDIR:-/tmp}"`,
    `install -m 600 /run/secrets/${masterKey} "$LIAISON_DATA/keys/master.key"`,
    `DATABASE_URL="${databaseUrl(postgres, nameOf)}"`,
    'export DATABASE_URL',
  );
  if (turn !== undefined) {
    lines.push(`LIAISON_TURN_SECRET=$(</run/secrets/${turn.secret.secret})`, 'export LIAISON_TURN_SECRET');
  }
  if (blobs.kind === 's3') {
    lines.push(`BLOBS_URL="${bucketUrl(blobs, blobs.bucket)}"`, 'export BLOBS_URL');
  }
  if (site.backups?.to.kind === 's3') {
    const { to } = site.backups;
    lines.push(
      `if [ -n "\${LIAISON_BACKUP_RECIPIENT:-}" ]; then`,
      `  LIAISON_BACKUP_TO="${bucketUrl(to, `${to.bucket}/${site.id}`)}"`,
      '  export LIAISON_BACKUP_TO',
      'fi',
    );
  }
  lines.push('exec "$@"', '');
  return lines.join('\n');
}
