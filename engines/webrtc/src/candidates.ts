import { isIP } from 'node:net';
import type { Candidate } from '@liaison/sdp';

/** RFC 8445 §5.1.2.1: host candidate, highest local preference, component 1. */
const ADVERTISED_PRIORITY = 126 * 2 ** 24 + 65535 * 2 ** 8 + 255;

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
