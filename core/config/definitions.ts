import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** The duties a process can have; `all` is every one of them. */
export const duties = ['api', 'live', 'worker', 'mail', 'sip', 'media'] as const;
export type Duty = (typeof duties)[number];

/** The first sites and their numbers; a number is in every id that a site makes, so it never changes. */
const siteNumbers: Record<string, number> = { eu: 0, na: 1, sa: 2, ap: 3 };

export interface Site {
  /** 0 to 1023. */
  number: number;
  /** Short and lower case: `eu`. */
  name: string;
}

/** A time of day somewhere. */
export interface DailyTime {
  hour: number;
  minute: number;
  /** IANA name. */
  zone: string;
}

/** Of how many days, weeks and months the last backup stays. */
export interface BackupKeep {
  days: number;
  weeks: number;
  months: number;
}

export interface PortRange {
  /** First port, or 0 for any free ports. */
  from: number;
  /** Last port, included; 0 when `from` is 0. */
  to: number;
}

export interface Definition<Schema extends z.ZodType = z.ZodType> {
  /** The name of the environment variable. */
  name: string;
  /** Taken when the variable is not set or empty; undefined where there is none. */
  fallback: string | undefined;
  /** What it decides; `unset` says what happens without it. */
  meaning: string;
  unset?: string;
  /** What is told, as an imperative, to somebody whose value is refused. */
  mend: string;
  /** A value that works. */
  example: string;
  /** Never shown whole. */
  secret?: boolean;
  schema: Schema;
}

function define<Schema extends z.ZodType>(definition: Definition<Schema>): Definition<Schema> {
  return definition;
}

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value <= 65535);

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Several values between commas; 64 are more than anybody needs. */
function list<Item extends z.ZodType<string, string>>(item: Item) {
  return z
    .string()
    .max(4096)
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item).min(1).max(64));
}

const hostName =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i;
const address = z
  .string()
  .refine((value) => isIP(value) !== 0 || (hostName.test(value) && !/^[\d.]+$/.test(value)));
const network = z.string().refine((value) => {
  const [base = '', bits, ...rest] = value.split('/');
  const family = isIP(base);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
});

function urlOf(...protocols: string[]) {
  return z
    .string()
    .max(4096)
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), { abort: true });
}

/** An https address that is not this machine's own. */
const isPage = (value: string): boolean =>
  URL.canParse(value) && new URL(value).protocol === 'https:' && new URL(value).hostname.includes('.');

const folder = z
  .string()
  .max(4096)
  .refine((path) => !path.includes('\0'))
  .transform((path) => resolve(path));

/** Every setting of the program, in the order in which people meet them. */
export const definitions = {
  dataFolder: define({
    name: 'LIAISON_DATA',
    fallback: './data',
    meaning: 'Folder for everything that must survive: database, blobs, keys, certificates',
    mend: 'name a folder',
    example: '/srv/liaison',
    schema: folder,
  }),
  publicUrl: define({
    name: 'LIAISON_PUBLIC_URL',
    fallback: undefined,
    meaning: 'Address under which people open Liaison; links in mails and sign-in depend on it',
    unset: 'https on the advertised address and the HTTPS port',
    mend: 'name an http or https address without path, such as https://liaison.example.org',
    example: 'https://liaison.example.org',
    schema: urlOf('https:', 'http:')
      .refine((value) => {
        const url = new URL(value);
        return (
          url.pathname === '/' &&
          url.search === '' &&
          url.hash === '' &&
          url.username === '' &&
          url.password === ''
        );
      })
      .transform((value) => new URL(value).origin),
  }),
  contact: define({
    name: 'LIAISON_CONTACT',
    fallback: undefined,
    meaning:
      'Whom operators of other services turn to when ours troubles them: an address of mail or a page; push services of browsers are told, and Apple’s wants it',
    unset: 'the public address where it is https, else nobody',
    mend: 'write mailto: and an address of mail, or an https address, such as mailto:postmaster@example.org',
    example: 'mailto:postmaster@example.org',
    schema: z
      .string()
      .max(300)
      .refine((value) => /^mailto:[^\s@<>"?]+@[^\s@<>"?.]+(\.[^\s@<>"?.]+)+$/.test(value) || isPage(value)),
  }),
  httpPort: define({
    name: 'LIAISON_HTTP_PORT',
    fallback: '8080',
    meaning: 'TCP port for HTTP',
    mend: 'name a port from 0 to 65535 (0 is any free port)',
    example: '8080',
    schema: port,
  }),
  httpsPort: define({
    name: 'LIAISON_HTTPS_PORT',
    fallback: '8443',
    meaning: 'TCP port for HTTPS, which browsers need for microphone, passkeys and notifications',
    mend: 'name a port from 0 to 65535 (0 is any free port)',
    example: '8443',
    schema: port,
  }),
  tlsCertificateFile: define({
    name: 'LIAISON_TLS_CERT',
    fallback: undefined,
    meaning: 'File with the certificate chain (PEM), read again when it changes',
    unset: 'a certificate from a self-made authority',
    mend: 'name a PEM file, together with LIAISON_TLS_KEY',
    example: '/etc/liaison/fullchain.pem',
    schema: folder,
  }),
  tlsKeyFile: define({
    name: 'LIAISON_TLS_KEY',
    fallback: undefined,
    meaning: 'File with the private key of that certificate (PEM)',
    unset: 'the key of the self-made authority’s certificate',
    mend: 'name a PEM file, together with LIAISON_TLS_CERT',
    example: '/etc/liaison/privkey.pem',
    schema: folder,
  }),
  trustedProxies: define({
    name: 'LIAISON_TRUSTED_PROXIES',
    fallback: undefined,
    meaning: 'Addresses or networks of proxies whose X-Forwarded headers are believed',
    unset: 'nobody is believed',
    mend: 'name addresses or networks between commas, such as 10.0.0.2,192.168.0.0/16',
    example: '10.0.0.2,fd00::/8',
    schema: list(network),
  }),
  metricsFrom: define({
    name: 'LIAISON_METRICS_FROM',
    fallback: undefined,
    meaning:
      'Addresses or networks besides this machine that may read `/metrics`, such as that of a Prometheus; never a proxy, who would read it for everybody',
    unset: 'this machine only',
    mend: 'name addresses or networks between commas, such as 10.0.0.9,10.83.0.0/20',
    example: '10.83.0.0/20',
    schema: list(network),
  }),
  bind: define({
    name: 'LIAISON_BIND',
    fallback: '0.0.0.0',
    meaning:
      'Address on which every port listens: all IPv4 addresses, so that browsers and telephones of the network reach it; `::` adds IPv6, `127.0.0.1` keeps it to this machine',
    mend: 'name an IP address of this machine, 0.0.0.0 or ::',
    example: '127.0.0.1',
    schema: z.string().refine((value) => isIP(value) !== 0),
  }),
  advertise: define({
    name: 'LIAISON_ADVERTISE',
    fallback: undefined,
    meaning:
      'Addresses and names under which others reach this machine, the best first: told to telephones and browsers for media, and written into the self-made certificate',
    unset: 'the addresses of this machine',
    mend: 'name addresses or host names between commas, such as 192.168.1.10,pbx.example.org',
    example: '192.168.1.10,pbx.example.org',
    schema: list(address),
  }),
  sipPort: define({
    name: 'LIAISON_SIP_PORT',
    fallback: '5060',
    meaning: 'UDP and TCP port for SIP',
    mend: 'name a port from 0 to 65535 (0 is any free port)',
    example: '5060',
    schema: port,
  }),
  sipsPort: define({
    name: 'LIAISON_SIPS_PORT',
    fallback: '5061',
    meaning: 'TCP port for SIP over TLS',
    mend: 'name a port from 0 to 65535 (0 is any free port)',
    example: '5061',
    schema: port,
  }),
  sipTrustedPeers: define({
    name: 'LIAISON_SIP_TRUSTED_PEERS',
    fallback: undefined,
    meaning:
      'Addresses or networks of SIP proxies of your own in front of telephones: what they say of who called them and of where that came from is believed ([networks](docs/operations/networks.md))',
    unset: 'nobody is believed',
    mend: 'name addresses or networks between commas, such as 10.0.0.5,192.168.7.0/24',
    example: '10.0.0.5,fd00::/64',
    schema: list(network),
  }),
  rtpPorts: define({
    name: 'LIAISON_RTP_PORTS',
    fallback: '20000-20999',
    meaning: 'UDP ports for media that is relayed',
    mend: 'name a range of at least ten ports such as 20000-20999, or 0 for any free ports',
    example: '20000-20999',
    schema: z
      .string()
      .regex(/^(0|\d{4,5}-\d{4,5})$/)
      .transform((text): PortRange => {
        const [from = 0, to = 0] = text.split('-').map(Number);
        return { from, to };
      })
      .refine(({ from, to }) => from === 0 || (from >= 1024 && to <= 65535 && to - from >= 9)),
  }),
  turnUrls: define({
    name: 'LIAISON_TURN_URLS',
    fallback: undefined,
    meaning:
      'TURN servers for browsers whose network lets them reach nothing else, with the secret of `LIAISON_TURN_SECRET`',
    unset: 'none: browsers reach our own relay over UDP or TCP, or not at all',
    mend: 'name addresses between commas, such as turn:turn.example.org:3478,turns:turn.example.org:443?transport=tcp',
    example: 'turn:turn.example.org:3478,turns:turn.example.org:443?transport=tcp',
    schema: list(
      z.string().regex(
        // The URI scheme of TURN servers, as browsers take it.
        /^turns?:([a-z0-9][a-z0-9.-]{0,252}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?(\?transport=(udp|tcp))?$/i,
      ),
    ).refine((urls) => urls.length <= 8),
  }),
  turnSecret: define({
    name: 'LIAISON_TURN_SECRET',
    fallback: undefined,
    meaning:
      'Secret shared with those TURN servers (coturn: `static-auth-secret`); pages get credentials made from it that last ten minutes',
    unset: 'none',
    mend: 'give the secret of the TURN server, 16 characters or more, together with LIAISON_TURN_URLS',
    example: 'what-openssl-rand-hex-32-gave',
    secret: true,
    schema: z.string().min(16).max(512),
  }),
  duties: define({
    name: 'LIAISON_DUTIES',
    fallback: 'all',
    meaning: `What this process does: \`all\`, or some of ${duties.map((duty) => `\`${duty}\``).join(' ')}`,
    mend: `write all, or some of ${duties.join(', ')} between commas`,
    example: 'api,live',
    schema: z
      .string()
      .transform((text) => (text.trim() === 'all' ? duties.join(',') : text))
      .pipe(list(z.enum(duties)))
      .transform((names): Duty[] => duties.filter((duty) => names.includes(duty))),
  }),
  drainLimitMs: define({
    name: 'LIAISON_DRAIN_LIMIT',
    fallback: '0',
    meaning:
      'How long a process that is told to end (SIGTERM) goes on with its calls, while others take what is new: `90s`, `30m`, `2h`; `0` ends at once, with its calls',
    mend: 'write a number with s, m or h, up to 24h, or 0',
    example: '30m',
    schema: z
      .string()
      .regex(/^(0|\d{1,5}[smh])$/)
      .transform((text) => Number.parseInt(text, 10) * (unitMs[text.at(-1) ?? ''] ?? 0))
      .refine((ms) => ms <= 24 * 3_600_000),
  }),
  databaseUrl: define({
    name: 'DATABASE_URL',
    fallback: undefined,
    meaning: 'PostgreSQL 18 of your own',
    unset: 'the embedded PostgreSQL, in the data folder',
    mend: 'name a PostgreSQL address such as postgres://user:password@host:5432/liaison',
    example: 'postgres://user:password@host:5432/liaison',
    secret: true,
    schema: urlOf('postgres:', 'postgresql:'),
  }),
  blobsUrl: define({
    name: 'BLOBS_URL',
    fallback: undefined,
    meaning:
      'Where the bytes of files, pictures and mails lie: a folder, or a bucket of an S3 store (`s3+http:` without TLS)',
    unset: 'the folder `blobs` in the data folder',
    mend: 'name a folder such as file:///srv/liaison/blobs, or a bucket as s3://KEY:SECRET@host/bucket?region=eu',
    example: 's3://KEY:SECRET@store.example.org/bucket?region=eu',
    secret: true,
    schema: urlOf('file:', 's3:', 's3+http:'),
  }),
  backupTo: define({
    name: 'LIAISON_BACKUP_TO',
    fallback: undefined,
    meaning:
      'Where encrypted backups go: a folder on another disk, or a bucket of an S3 store (`s3+http:` without TLS)',
    unset: 'no backups on a schedule',
    mend: 'name a folder such as /mnt/backups/liaison, or a bucket as s3://KEY:SECRET@host/bucket/folder?region=eu',
    example: '/mnt/backups/liaison',
    secret: true,
    schema: z
      .string()
      .max(4096)
      .transform((text) => (text.startsWith('/') ? pathToFileURL(text).href : text))
      .pipe(urlOf('file:', 's3:', 's3+http:')),
  }),
  backupRecipients: define({
    name: 'LIAISON_BACKUP_RECIPIENT',
    fallback: undefined,
    meaning:
      'Public keys to which backups are encrypted (age); `npm run liaison -- backup-key` makes one, and shows the identity that opens them',
    unset: 'no backups on a schedule',
    mend: 'write the line age1… that backup-key has shown, several between commas',
    example: 'age15ygkmgqhz4jev9u0ls43esatg3klucf9mnflv5dgsr5xas0ylsxsgkwj2m',
    schema: list(z.string().regex(/^age1[02-9ac-hj-np-z0-9]{50,2500}$/)),
  }),
  backupAt: define({
    name: 'LIAISON_BACKUP_AT',
    fallback: '03:00 UTC',
    meaning: 'When a new backup begins each day, and in which time zone',
    mend: 'write hours and minutes and an IANA time zone, such as 03:00 Europe/Lisbon',
    example: '03:00 Europe/Lisbon',
    schema: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d( [A-Za-z0-9_+-]{1,30}(\/[A-Za-z0-9_+-]{1,30}){0,2})?$/)
      .transform((text): DailyTime => {
        const [time = '', zone = 'UTC'] = text.split(' ');
        return { hour: Number(time.slice(0, 2)), minute: Number(time.slice(3)), zone };
      })
      .refine(({ zone }) => isTimeZone(zone)),
  }),
  backupKeep: define({
    name: 'LIAISON_BACKUP_KEEP',
    fallback: '7d 4w 12m',
    meaning:
      'Which backups stay: the last of so many days, weeks and months; between those of the days everything can be restored to the minute',
    mend: 'write numbers with d, w and m, such as 7d 4w 12m, with at least 1d',
    example: '14d 8w 12m',
    schema: z
      .string()
      .regex(/^\d{1,3}d( \d{1,3}w)?( \d{1,3}m)?$/)
      .transform((text): BackupKeep => {
        const of = (unit: string) => Number(new RegExp(`(\\d+)${unit}`).exec(text)?.[1] ?? 0);
        return { days: of('d'), weeks: of('w'), months: of('m') };
      })
      .refine(({ days }) => days >= 1),
  }),
  backupWork: define({
    name: 'LIAISON_BACKUP_WORK',
    fallback: undefined,
    meaning: 'Folder with room for the database once more, in which each backup is proved by a restore',
    unset: 'the folder `backup-check` in the data folder',
    mend: 'name a folder on a disk with room',
    example: '/srv/liaison-work',
    schema: folder,
  }),
  natsUrl: define({
    name: 'NATS_URL',
    fallback: undefined,
    meaning: 'NATS server that wakes the other processes',
    unset: 'one process that needs none',
    mend: 'name a NATS address such as nats://host:4222',
    example: 'nats://host:4222',
    secret: true,
    schema: urlOf('nats:', 'tls:', 'ws:', 'wss:'),
  }),
  site: define({
    name: 'LIAISON_SITE',
    fallback: 'eu',
    meaning: 'Governance site, part of every id it makes: `eu`, `na`, `sa`, `ap`, or number:name',
    mend: 'write eu, na, sa or ap, or a number from 0 to 1023 with a name, such as 7:lab',
    example: '7:lab',
    schema: z
      .string()
      .refine((text) => Object.hasOwn(siteNumbers, text) || /^\d{1,4}:[a-z][a-z0-9-]{0,15}$/.test(text))
      .transform((text): Site => {
        const known = siteNumbers[text];
        if (known !== undefined) return { number: known, name: text };
        const [number = '', name = ''] = text.split(':');
        return { number: Number(number), name };
      })
      .refine(
        (site) =>
          site.number <= 1023 &&
          (!Object.hasOwn(siteNumbers, site.name) || siteNumbers[site.name] === site.number),
      ),
  }),
  logLevel: define({
    name: 'LIAISON_LOG_LEVEL',
    fallback: 'info',
    meaning: 'Least level that is logged: `fatal`, `error`, `warn`, `info`, `debug`, `trace`, or `silent`',
    mend: 'write fatal, error, warn, info, debug, trace or silent',
    example: 'debug',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  }),
};

/** Where blobs lie when nothing else is said. */
export function defaultBlobsUrl(dataFolder: string): string {
  return pathToFileURL(resolve(dataFolder, 'blobs')).href;
}
