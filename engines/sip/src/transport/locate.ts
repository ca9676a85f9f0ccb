import { isIP, isIPv6 } from 'node:net';
import type { SipUri } from '../message/uri.ts';
import type { NaptrRecord, Resolver, SrvRecord } from './resolver.ts';
import type { Endpoint, Protocol } from './types.ts';

/** One place to send a request to. */
export interface Target {
  readonly protocol: Protocol;
  readonly remote: Endpoint;
}

/** RFC 3261 §19.1.2, RFC 7118 §5. */
const defaultPorts: Readonly<Record<Protocol, number>> = {
  udp: 5060,
  tcp: 5060,
  tls: 5061,
  ws: 80,
  wss: 443,
};
/** RFC 3263 §4.1 and RFC 7118 §10.1: NAPTR services. */
const services: Readonly<Record<string, Protocol>> = {
  'SIP+D2U': 'udp',
  'SIP+D2T': 'tcp',
  'SIPS+D2T': 'tls',
  'SIP+D2W': 'ws',
  'SIPS+D2W': 'wss',
};
const srvPrefixes: Readonly<Record<Protocol, string>> = {
  udp: '_sip._udp.',
  tcp: '_sip._tcp.',
  tls: '_sips._tcp.',
  ws: '_sip._ws.',
  wss: '_sips._ws.',
};
/** However much the DNS says. */
const maxTargets = 8;
const maxRecords = 16;

export interface LocateOptions {
  readonly resolver: Resolver;
  /** The protocols that we have, and the families that each reaches. */
  readonly families: ReadonlyMap<Protocol, readonly (4 | 6)[]>;
  random(): number;
}

/** RFC 3261 §26.2.2: what goes to a sips URI is never sent in the clear. */
export function explicitProtocol(uri: SipUri): Protocol | undefined {
  const named = uri.params.get('transport')?.toLowerCase();
  if (uri.scheme === 'sips') return named === 'ws' || named === 'wss' ? 'wss' : named ? 'tls' : undefined;
  return named === null ? undefined : (named as Protocol | undefined);
}

/**
 * Where a request to this URI goes, the best place first (RFC 3263 §4). Empty when there is no such place or no
 * transport of ours leads there; rejects when the DNS fails.
 */
export async function locate(uri: SipUri, options: LocateOptions): Promise<Target[]> {
  const { families } = options;
  // RFC 3261 §16.6 step 7: maddr comes first.
  const host = bare(uri.params.get('maddr') ?? uri.host);
  const isSecure = uri.scheme === 'sips';
  const named = explicitProtocol(uri);
  if (named !== undefined && !families.has(named)) return [];
  // RFC 3263 §4.1, §4.2: an address or a port leaves nothing to ask but the address.
  if (isIP(host) || uri.port !== undefined) {
    const protocol = named ?? (isSecure ? 'tls' : 'udp');
    if (!families.has(protocol)) return [];
    return addressesOf(host, protocol, uri.port ?? defaultPorts[protocol], options);
  }
  if (named !== undefined) return srvOrAddresses(host, named, options);

  const found: Target[] = [];
  for (const { protocol, name } of await byNaptr(host, isSecure, options)) {
    found.push(...(await bySrv(name, protocol, options)));
    if (found.length >= maxTargets) break;
  }
  if (found.length > 0) return found.slice(0, maxTargets);
  const wanted: Protocol[] = isSecure ? ['tls'] : ['udp', 'tcp', 'tls'];
  for (const protocol of wanted) {
    if (!families.has(protocol)) continue;
    found.push(...(await bySrv(srvPrefixes[protocol] + host, protocol, options)));
  }
  if (found.length > 0) return found.slice(0, maxTargets);
  const last = isSecure ? 'tls' : 'udp';
  return families.has(last) ? addressesOf(host, last, defaultPorts[last], options) : [];
}

async function srvOrAddresses(host: string, protocol: Protocol, options: LocateOptions): Promise<Target[]> {
  const found = await bySrv(srvPrefixes[protocol] + host, protocol, options);
  return found.length > 0 ? found : addressesOf(host, protocol, defaultPorts[protocol], options);
}

async function byNaptr(
  host: string,
  isSecure: boolean,
  { resolver, families }: LocateOptions,
): Promise<{ protocol: Protocol; name: string }[]> {
  const { records } = await resolver.naptr(host);
  return records
    .slice(0, maxRecords)
    .map((record: NaptrRecord) => ({ record, protocol: services[record.service.toUpperCase()] }))
    .filter(({ record, protocol }) => {
      if (record.flags.toLowerCase() !== 's' || protocol === undefined || !families.has(protocol))
        return false;
      return !isSecure || protocol === 'tls' || protocol === 'wss';
    })
    .sort((a, b) => a.record.order - b.record.order || a.record.preference - b.record.preference)
    .map(({ record, protocol }) => ({ protocol: protocol!, name: record.replacement }));
}

async function bySrv(name: string, protocol: Protocol, options: LocateOptions): Promise<Target[]> {
  const { records } = await options.resolver.srv(name);
  const found: Target[] = [];
  for (const record of orderSrv(records.slice(0, maxRecords), options.random)) {
    if (record.name === '' || record.name === '.') continue; // RFC 2782: decidedly not available
    found.push(...(await addressesOf(record.name, protocol, record.port, options)));
    if (found.length >= maxTargets) break;
  }
  return found;
}

/** RFC 2782: by priority; among equals by chance, the heavier the sooner. */
export function orderSrv(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const left = [...records].sort((a, b) => a.priority - b.priority || a.weight - b.weight);
  const ordered: SrvRecord[] = [];
  while (left.length > 0) {
    const same = left.filter(({ priority }) => priority === left[0]!.priority);
    let chance = random() * same.reduce((sum, { weight }) => sum + weight, 0);
    const chosen = same.find(({ weight }) => {
      chance -= weight;
      return chance < 0;
    });
    const next = chosen ?? same.at(-1)!;
    left.splice(left.indexOf(next), 1);
    ordered.push(next);
  }
  return ordered;
}

async function addressesOf(
  host: string,
  protocol: Protocol,
  port: number,
  { resolver, families }: LocateOptions,
): Promise<Target[]> {
  const reachable = families.get(protocol) ?? [];
  const place = (address: string): Target => ({ protocol, remote: { address, port } });
  const name = host.replace(/\.$/, '');
  if (isIP(name)) return reachable.includes(isIPv6(name) ? 6 : 4) ? [place(name)] : [];
  const answers = await Promise.all(reachable.map((family) => resolver.addresses(name, family)));
  return answers.flatMap(({ records }) => records.slice(0, maxRecords).map(place)).slice(0, maxTargets);
}

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
