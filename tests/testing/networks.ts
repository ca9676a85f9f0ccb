import { execFile } from 'node:child_process';
import { accessSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';

/**
 * An internet of network namespaces on this machine (ip-netns(8)): the suite stays where it is, at one address of it, and
 * homes with a telephone or a browser stand behind a NAT each. Everything is made by the test and goes with it.
 *
 *   suite 198.18.N.1 ── wan (a bridge) ─┬─ 198.18.N.11 gate ── 10.0.0.2 a home's device
 *                                       └─ 198.18.N.12 gate ── 10.0.0.2 another's
 */
export interface Networks {
  /** Where homes reach the suite; it must listen on all addresses and advertise this one. */
  readonly serverAddress: string;
  home(kind: HomeKind): Promise<Home>;
  /** Removes every namespace, link and address; what runs in them must be ended before. */
  close(): Promise<void>;
}

/**
 * `full-cone`: one port outside for one inside, whoever sends to it is let in (endpoint-independent
 * mapping and filtering). `symmetric`: another port for every destination, and only its answers are let in.
 * `open`: no NAT; the device has a public address.
 */
export type HomeKind = 'full-cone' | 'symmetric' | 'open';

export interface Home {
  /** Put before a command so that it runs at the device's place. */
  readonly enter: readonly [program: string, ...args: string[]];
  /** The device's own address, which nobody outside can reach unless it is `open`. */
  readonly address: string;
  /** What the world sees, until it moves. */
  readonly publicAddress: string;
  /** The provider gives another public address: every mapping is gone. */
  move(): Promise<void>;
  /** The gate forgets its mappings, as when it starts anew: the same address, other ports (`symmetric` only). */
  forget(): Promise<void>;
  /** A firewall before the device drops every datagram but DNS's, in and out. */
  blockUdp(): Promise<void>;
  /** The same, and it lets no connection out but to these TCP ports. */
  blockAllBut(tcpPorts: readonly number[]): Promise<void>;
  /** Takes that firewall away again, if it is there. */
  allowUdp(): Promise<void>;
}

const run = promisify(execFile);
const deviceAddress = '10.0.0.2';
let made = 0;

/** Why networks cannot be made here; undefined when they can. */
export async function whyNoNetworks(): Promise<string | undefined> {
  for (const program of ['/usr/sbin/nft', '/usr/sbin/ip', '/sbin/ip']) {
    try {
      accessSync(program);
    } catch {
      if (program === '/usr/sbin/nft') return 'nft is missing (Debian package nftables)';
      if (program === '/sbin/ip') return 'ip is missing (Debian package iproute2)';
    }
  }
  const name = `liaison-probe-${process.pid}`;
  try {
    await run('ip', ['netns', 'add', name]);
    try {
      await run('ip', ['netns', 'exec', name, 'nft', 'list', 'ruleset']);
      return undefined;
    } finally {
      await run('ip', ['netns', 'delete', name]);
    }
  } catch {
    return 'network namespaces may not be made here (that takes root, or CAP_NET_ADMIN with CAP_SYS_ADMIN)';
  }
}

/** Whoever opens them closes them. Throws when they cannot be made; see `whyNoNetworks`. */
export async function openNetworks(): Promise<Networks> {
  made += 1;
  const prefix = `lia${process.pid}-${made}`;
  const net = freeNetwork();
  const serverAddress = `${net}.1`;
  const wan = `${prefix}-wan`;
  const namespaces: string[] = [];
  // Names of links have fifteen characters at most.
  const ours = `lia${process.pid % 1_000_000}x${made}`;

  const ip = (...args: string[]) => run('ip', args);
  const within = (namespace: string, ...command: string[]) =>
    run('ip', ['netns', 'exec', namespace, ...command]);
  async function namespace(name: string): Promise<void> {
    await ip('netns', 'add', name);
    namespaces.push(name);
    // An address of IPv6 that comes seconds after its link is a change of the network, at which a browser drops what is on its way.
    await run('ip', [
      ...['netns', 'exec', name, 'sh', '-c'],
      'for each in all default; do echo 1 > /proc/sys/net/ipv6/conf/$each/disable_ipv6; done',
    ]);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  async function close(): Promise<void> {
    for (const name of namespaces.splice(0).reverse()) await ip('netns', 'delete', name);
    // A link goes some time after its namespace; the address must not stay for the next.
    await ip('link', 'delete', ours).catch(() => {});
  }

  try {
    await namespace(wan);
    await ip('-n', wan, 'link', 'add', 'wan', 'type', 'bridge');
    await ip('-n', wan, 'link', 'set', 'wan', 'up');
    await ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', 'suite', 'netns', wan);
    await ip('-n', wan, 'link', 'set', 'suite', 'master', 'wan', 'up');
    await ip('address', 'add', `${serverAddress}/24`, 'dev', ours);
    await ip('link', 'set', ours, 'up');
  } catch (error) {
    await close();
    throw error;
  }

  let nextHost = 10;
  const nextPublic = () => {
    nextHost += 1;
    return `${net}.${nextHost}`;
  };

  /** Joins a namespace to the bridge as `wan`. */
  async function joinWan(name: string, address: string): Promise<void> {
    const port = `p${nextHost}`;
    await ip('-n', wan, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'wan', 'netns', name);
    await ip('-n', wan, 'link', 'set', port, 'master', 'wan', 'up');
    await ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'wan');
    await ip('-n', name, 'link', 'set', 'wan', 'up');
  }

  return {
    serverAddress,
    close,
    async home(kind) {
      let publicAddress = nextPublic();
      const device = `${prefix}-d${nextHost}`;
      const gate = kind === 'open' ? device : `${prefix}-g${nextHost}`;
      await namespace(gate);
      await joinWan(gate, publicAddress);
      if (kind !== 'open') {
        await namespace(device);
        await ip('-n', device, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'lan', 'netns', gate);
        await ip('-n', gate, 'address', 'add', '10.0.0.1/24', 'dev', 'lan');
        await ip('-n', device, 'address', 'add', `${deviceAddress}/24`, 'dev', 'lan');
        for (const end of [gate, device]) await ip('-n', end, 'link', 'set', 'lan', 'up');
        await ip('-n', device, 'route', 'add', 'default', 'via', '10.0.0.1');
        await within(gate, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
        await within(
          gate,
          'nft',
          kind === 'symmetric'
            ? 'table ip home { chain out { type nat hook postrouting priority srcnat; oifname "wan" masquerade fully-random; }; }'
            : `table ip home {
                chain out { type nat hook postrouting priority srcnat; oifname "wan" masquerade; };
                chain in { type nat hook prerouting priority dstnat; iifname "wan" udp dport 1024-65535 dnat to ${deviceAddress}; };
              }`,
        );
      }
      return {
        enter: ['ip', 'netns', 'exec', device],
        address: kind === 'open' ? publicAddress : deviceAddress,
        get publicAddress() {
          return publicAddress;
        },
        async move() {
          const before = publicAddress;
          publicAddress = nextPublic();
          // Masquerading forgets what it mapped to an address that goes.
          await ip('-n', gate, 'address', 'delete', `${before}/24`, 'dev', 'wan');
          await ip('-n', gate, 'address', 'add', `${publicAddress}/24`, 'dev', 'wan');
        },
        async forget() {
          await ip('-n', gate, 'address', 'delete', `${publicAddress}/24`, 'dev', 'wan');
          await ip('-n', gate, 'address', 'add', `${publicAddress}/24`, 'dev', 'wan');
        },
        async blockUdp() {
          await within(
            device,
            'nft',
            `table ip firewall {
              chain in { type filter hook input priority filter; iifname != "lo" udp sport != 53 drop; };
              chain out { type filter hook output priority filter; oifname != "lo" udp dport != 53 drop; };
            }`,
          );
        },
        async blockAllBut(tcpPorts) {
          await within(
            device,
            'nft',
            `table ip firewall {
              chain in { type filter hook input priority filter; iifname != "lo" udp sport != 53 drop; };
              chain out { type filter hook output priority filter; oifname "lo" accept; udp dport != 53 drop; tcp dport != { ${tcpPorts.join(', ')} } drop; };
            }`,
          );
        },
        async allowUdp() {
          await within(device, 'nft', 'table ip firewall; delete table ip firewall');
        },
      };
    },
  };
}

/** A /24 of the network that is set aside for tests between networks, 198.18.0.0/15, which this machine has not. */
function freeNetwork(): string {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).map(({ address }) => address.split('.').slice(0, 3).join('.')),
    ),
  );
  for (let step = 0; step < 256; step++) {
    const net = `198.18.${(process.pid + made + step) % 256}`;
    if (!taken.has(net)) return net;
  }
  throw new Error('No free network');
}
