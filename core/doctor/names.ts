import { resolveNaptr, resolveSrv } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Examined, failed, good, reasonOf, type Said, type Step, warning } from './finding.ts';
import { outsideAddresses } from './outside-names.ts';

/** Who answers questions about names; tests answer them themselves. */
export interface Resolver {
  addresses(name: string): Promise<string[]>;
  /** Where a service of a domain is to be had; empty where nothing is said. */
  services(name: string): Promise<{ name: string; port: number }[]>;
  /** Services that a domain's NAPTR records lead to. */
  ways(domain: string): Promise<string[]>;
}

const nobody = new Set(['ENOTFOUND', 'ENODATA']);
const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
const orNone = async <T>(asked: Promise<T[]>): Promise<T[]> =>
  asked.catch((error: unknown) => {
    if (nobody.has(String(codeOf(error)))) return [];
    throw error;
  });

/** The resolver of this machine. */
const ownResolver: Resolver = {
  addresses: async (name) => (await outsideAddresses(name)).map(({ address }) => address),
  services: (name) => orNone(resolveSrv(name)),
  ways: async (domain) =>
    (await orNone(resolveNaptr(domain))).flatMap(({ service, replacement }) =>
      /^sips?\+d2[tu]$/i.test(service) ? [replacement] : [],
    ),
};

const patienceMs = 4000;

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));

/** Names that others are told: of pages, and of telephones. */
export function namesOf({ advertise, publicUrl }: Pick<Examined['settings'], 'advertise' | 'publicUrl'>) {
  const names = [...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname]), ...advertise];
  return [...new Set(names.map((name) => name.toLowerCase().replace(/\.$/, '')))].filter(
    (name) => isIP(name.replace(/^\[|\]$/g, '')) === 0 && name !== 'localhost',
  );
}

/**
 * Whether the names that people type lead here. It is asked of this machine's resolver: elsewhere another one may answer, so what
 * leads elsewhere is a warning. Telephones also ask for SRV and NAPTR records of the name (RFC 3263 §4): they need not be there,
 * but where they are they must lead to the port that is open.
 */
export const namesStep = (resolver: Resolver = ownResolver, own: () => string[] = ownAddresses): Step => ({
  name: 'names',
  limitMs: 3 * patienceMs,
  async look({ settings }) {
    const names = namesOf(settings);
    if (names.length === 0)
      return [good('no name is configured: people come by an address (LIAISON_PUBLIC_URL names one)')];
    const here = new Set([...own(), ...settings.advertise]);
    const said = await Promise.all(
      names.map(async (name) => [
        await judgeName(name, here, resolver),
        ...(await judgeServices(name, settings, resolver)),
      ]),
    );
    return said.flat();
  },
});

async function judgeName(name: string, here: ReadonlySet<string>, resolver: Resolver): Promise<Said> {
  try {
    const addresses = await inTime(resolver.addresses(name));
    if (addresses.some((address) => here.has(address)))
      return good(`${name} leads to this machine (${addresses.join(', ')})`);
    return warning(
      `${name} leads to ${addresses.join(', ')}, which is no address of this machine and none that it advertises`,
      'right where a proxy or router stands in front; otherwise correct the A or AAAA record, or LIAISON_PUBLIC_URL and LIAISON_ADVERTISE',
    );
  } catch (error) {
    if (nobody.has(String(codeOf(error))))
      return failed(
        `${name} is known to no DNS server that this machine asks`,
        'enter an A or AAAA record for it with the address that people reach, or correct LIAISON_PUBLIC_URL and LIAISON_ADVERTISE',
      );
    return warning(
      `DNS gives no answer about ${name} (${reasonOf(error)})`,
      'look at /etc/resolv.conf and at the DNS server of this machine',
    );
  }
}

async function judgeServices(
  name: string,
  settings: Examined['settings'],
  resolver: Resolver,
): Promise<Said[]> {
  const ports: Record<string, number> = {
    [`_sip._udp.${name}`]: settings.sipPort,
    [`_sip._tcp.${name}`]: settings.sipPort,
    [`_sips._tcp.${name}`]: settings.sipsPort,
  };
  try {
    const ways = await inTime(resolver.ways(name));
    const strange = ways.filter((way) => ports[way.toLowerCase().replace(/\.$/, '')] === undefined);
    const said = strange.map((way) =>
      warning(
        `telephones are led from ${name} to ${way} by a NAPTR record, which is no service of ours`,
        `let it name one of ${Object.keys(ports).join(', ')}, or remove it`,
      ),
    );
    for (const [service, port] of Object.entries(ports)) {
      const targets = await inTime(resolver.services(service));
      if (targets.length === 0) continue;
      const wrong = port === 0 ? [] : targets.filter((target) => target.port !== port);
      said.push(
        wrong.length === 0
          ? good(
              `${service} leads telephones to ${targets.map((each) => `${each.name}:${each.port}`).join(', ')}`,
            )
          : failed(
              `${service} leads telephones to ${wrong.map((each) => `${each.name}:${each.port}`).join(', ')}, and here port ${port} is open`,
              `correct the SRV record, or set ${service.startsWith('_sips') ? 'LIAISON_SIPS_PORT' : 'LIAISON_SIP_PORT'}`,
            ),
      );
    }
    return said;
  } catch {
    // A resolver that cannot say (a hosts file alone): telephones then take the address, which was judged.
    return [];
  }
}

async function inTime<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      asked,
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error('no answer in time')), patienceMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
