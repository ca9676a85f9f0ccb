import { BlockList, isIPv6 } from 'node:net';
import type { Settings } from '@liaison/core/config';
import type { Flow } from '@liaison/sip';

/** Proxies of the operator's own, by `LIAISON_SIP_TRUSTED_PEERS`: inside our trust domain (RFC 3324 §2.3). */
export interface TrustedPeers {
  has(address: string): boolean;
  /** Whether one of them is at the other end. A WebSocket's is a web server's peer, and no SIP proxy. */
  areAt(flow: Pick<Flow, 'protocol' | 'remote'>): boolean;
}

export function createTrustedPeers({
  sipTrustedPeers = [],
}: Pick<Settings, 'sipTrustedPeers'>): TrustedPeers {
  const list = new BlockList();
  for (const network of sipTrustedPeers) {
    const [address = '', bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  const has = (address: string): boolean =>
    sipTrustedPeers.length > 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return {
    has,
    areAt: ({ protocol, remote }) => protocol !== 'ws' && protocol !== 'wss' && has(remote.address),
  };
}
