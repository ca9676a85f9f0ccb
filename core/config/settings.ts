import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { z } from 'zod';
import { type Definition, defaultBlobsUrl, definitions } from './definitions.ts';
import { SettingError } from './start-error.ts';
import { versionVariable } from './version.ts';

type Parsed = { [Key in keyof typeof definitions]: z.output<(typeof definitions)[Key]['schema']> };
type Optional =
  | 'publicUrl'
  | 'contact'
  | 'tlsCertificateFile'
  | 'tlsKeyFile'
  | 'trustedProxies'
  | 'metricsFrom'
  | 'sipTrustedPeers'
  | 'turnUrls'
  | 'turnSecret'
  | 'databaseUrl'
  | 'backupTo'
  | 'backupRecipients'
  | 'backupWork'
  | 'natsUrl';

/** What the program runs with; see `definitions` for the meaning of each. Paths are absolute. */
export type Settings = Readonly<Omit<Parsed, Optional> & Partial<Pick<Parsed, Optional>>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings. Throws a `SettingError` that names the first wrong one and what mends it. */
export function loadSettings(env: Environment): Settings {
  const parsed: Record<string, unknown> = {};
  for (const [key, definition] of Object.entries<Definition>(definitions)) {
    const text = textOf(env, definition);
    if (text === undefined) continue;
    const result = definition.schema.safeParse(text);
    if (!result.success) {
      const shown = definition.secret
        ? 'its value'
        : `"${text.length > 80 ? `${text.slice(0, 77)}…` : text}"`;
      throw new SettingError({
        what: `${shown} cannot be used`,
        setting: definition.name,
        mend: definition.mend,
      });
    }
    parsed[key] = result.data;
  }
  const settings = parsed as Settings;
  const complete: Settings = {
    ...settings,
    advertise: settings.advertise ?? ownAddresses(),
    blobsUrl: settings.blobsUrl ?? defaultBlobsUrl(settings.dataFolder),
  };
  refuseContradictions(complete);
  return complete;
}

/** The IPv4 address that goes into media descriptions: the first advertised one, else the loopback. */
export function mediaAddress(settings: Pick<Settings, 'advertise'>): string {
  return settings.advertise.find((address) => isIPv4(address)) ?? '127.0.0.1';
}

/** Whether only this machine itself can use an address or name of a host. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host === '[::1]' || host === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Variables that look like ours but are none, each with the nearest name of ours. They are worth a warning and no
 * more: container platforms add variables such as `LIAISON_PORT` to every neighbour of a service called liaison.
 */
export function unknownSettings(env: Environment): { name: string; nearest: string }[] {
  const known = Object.values<Definition>(definitions).map((definition) => definition.name);
  return Object.keys(env)
    .filter((name) => name.startsWith('LIAISON_') && name !== versionVariable && !known.includes(name))
    .map((name) => ({
      name,
      nearest: known.toSorted((a, b) => distance(a, name) - distance(b, name))[0] ?? '',
    }));
}

/** The text that counts for one setting: an empty variable is as good as none. */
export function textOf(env: Environment, definition: Definition): string | undefined {
  const text = env[definition.name]?.trim();
  return text === undefined || text === '' ? definition.fallback : text;
}

/** Addresses of this machine that others may reach, IPv4 first; the loopback when there is no other. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outer = all.filter((entry) => !entry.internal && !entry.address.startsWith('fe80:'));
  const ordered = outer.toSorted((a, b) => a.family.localeCompare(b.family)).map((entry) => entry.address);
  return ordered.length > 0 ? [...new Set(ordered)].slice(0, 16) : ['127.0.0.1'];
}

function refuseContradictions(settings: Settings): void {
  if ((settings.tlsCertificateFile === undefined) !== (settings.tlsKeyFile === undefined)) {
    const missing =
      settings.tlsKeyFile === undefined ? definitions.tlsKeyFile : definitions.tlsCertificateFile;
    throw new SettingError({
      what: 'certificate and key go together, and one is missing',
      setting: missing.name,
      mend: missing.mend,
    });
  }
  if ((settings.turnUrls === undefined) !== (settings.turnSecret === undefined)) {
    const missing = settings.turnSecret === undefined ? definitions.turnSecret : definitions.turnUrls;
    throw new SettingError({
      what: 'TURN servers and their secret go together, and one is missing',
      setting: missing.name,
      mend: missing.mend,
    });
  }
  const taken = new Map<number, string>();
  for (const key of ['httpPort', 'httpsPort', 'sipPort', 'sipsPort'] as const) {
    const other = taken.get(settings[key]);
    if (other !== undefined && settings[key] !== 0) {
      const what = `port ${settings[key]} is already that of ${other}`;
      throw new SettingError({ what, setting: definitions[key].name, mend: 'give each its own port' });
    }
    taken.set(settings[key], definitions[key].name);
  }
  const { from, to } = settings.rtpPorts;
  if (from !== 0 && settings.sipPort >= from && settings.sipPort <= to) {
    const what = `the media ports ${from}-${to} include the SIP port ${settings.sipPort}`;
    throw new SettingError({ what, setting: definitions.rtpPorts.name, mend: 'choose a range without it' });
  }
}

/** Edit distance, for the nearest name. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
