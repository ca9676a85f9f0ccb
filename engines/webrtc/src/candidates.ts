import { isIP } from 'node:net';
import type { Candidate } from '@liaison/sdp';

/** RFC 8445 §5.1.2.1: host candidate, highest local preference, component 1. */
const HIGHEST_PRIORITY = 126 * 2 ** 24 + 65535 * 2 ** 8 + 255;
const ADVERTISED_PRIORITY = HIGHEST_PRIORITY - 256;

/** RFC 6544 §4.2: below UDP by the type preference, and the direction that we offer in the local one. */
const TCP_PRIORITY = 90 * 2 ** 24 + (4 * 2 ** 13 + 8191) * 2 ** 8 + 255;
/**
 * Beside these candidates, the doors of the gate on the same addresses. Its UDP door comes first of all: Chromium gives up when
 * the first check is answered with an error, as the library does to those for whom that door is. Everybody else gets no
 * answer there and takes the next, 50 ms later. TURN servers know us by the first address.
 */
export function withGate(
  candidates: readonly Candidate[],
  gate: { readonly tcpPort: number; readonly udpPort: number; readonly families: readonly number[] },
): Candidate[] {
  const addresses = [...new Set(candidates.map((candidate) => candidate.address))].filter((address) =>
    gate.families.includes(isIP(address)),
  );
  return [
    ...candidates,
    ...addresses.map((address, index) => ({
      foundation: `t${index + 1}`,
      priority: TCP_PRIORITY - 256 * index,
      address,
      port: gate.tcpPort,
      type: 'host',
      tcpType: 'passive' as const,
    })),
    ...addresses.slice(0, 1).map((address) => ({
      foundation: 'g1',
      priority: HIGHEST_PRIORITY,
      address,
      port: gate.udpPort,
      type: 'host',
    })),
  ];
}

/**
 * What the other side is told: the advertised address on the sockets' port first (it may be a NAT's), then the
 * addresses that the sockets really have, which neighbours reach directly.
 */
export function advertised(real: readonly Candidate[], advertise: string | undefined): Candidate[] {
  const hosts = real.filter((candidate) => candidate.type === 'host' && isIP(candidate.address) !== 0);
  if (advertise === undefined || isIP(advertise) === 0) return hosts;
  const ports = [...new Set(hosts.map((candidate) => candidate.port))];
  return [
    ...ports.map((port, index) => ({
      foundation: `a${index + 1}`,
      priority: ADVERTISED_PRIORITY - index,
      address: advertise,
      port,
      type: 'host',
    })),
    ...hosts
      .filter((candidate) => candidate.address !== advertise)
      .map((candidate, index) => ({ ...candidate, priority: ADVERTISED_PRIORITY - 256 * (index + 1) })),
  ];
}
