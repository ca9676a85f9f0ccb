import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Networks that are nobody's in the world: this machine, this network, and what stands for others' (RFC 6890). */
const ours = new BlockList();
for (const [base, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  ours.addSubnet(base, bits, 'ipv4');
}
/** Of IPv6 only what is given out to the world is reached, without those parts of it that carry an IPv4 address inside. */
const world = new BlockList();
world.addSubnet('2000::', 3, 'ipv6');
const carriers = new BlockList();
for (const [base, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  carriers.addSubnet(base, bits, 'ipv6');
}

/** Whether an address may be a stranger's server: neither this machine nor anything beside it. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !ours.check(address, 'ipv4');
  if (!isIPv6(address)) return false;
  return world.check(address, 'ipv6') && !carriers.check(address, 'ipv6');
}
