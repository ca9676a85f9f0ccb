import type { Device, Organisation, PersonSummary, Provisioning, RegistrarPorts } from '../contract/index.ts';

/** RFC 3261 §19.1.2: the port where none is said. */
const defaultSipPort = 5060;

/**
 * How telephones reach the registrar: where it listens in this process, or, where another process has it, where the
 * settings say that it does.
 */
export function transportsOf(bound: RegistrarPorts | null, sipPort: number): Provisioning['transports'] {
  const here = (['udp', 'tcp', 'tls'] as const).flatMap((protocol) => {
    const port = bound?.[`${protocol}Port`] ?? null;
    return port === null ? [] : [{ protocol, port }];
  });
  if (here.length > 0) return here;
  const port = sipPort || defaultSipPort;
  return [
    { protocol: 'udp', port },
    { protocol: 'tcp', port },
  ];
}

/** What is typed into a telephone or read from a QR code. */
export function provisioningOf(input: {
  device: Device;
  secret: string;
  person: PersonSummary;
  organisation: Organisation;
  /** Where telephones reach the registrar. */
  server: string;
  transports: Provisioning['transports'];
}): Provisioning {
  const { device, secret, person, organisation, server, transports } = input;
  const port = transports[0]?.port ?? defaultSipPort;
  const onePort = transports.every((each) => each.port === port);
  const user = person.address.split('@')[0]!;
  const addressOfRecord = `sip:${user}@${organisation.realm}`;
  const lines: [string, string][] = [
    ['Display name', person.name],
    ['User name', user],
    ['Domain (SIP server)', organisation.realm],
    ['Authentication name', device.username],
    ['Password', secret],
    ['Registrar / outbound proxy', `${server}:${port}`],
    [
      'Transport',
      transports
        .map((each) => `${each.protocol.toUpperCase()}${onePort ? '' : ` ${each.port}`}`)
        .join(' or '),
    ],
    ['Realm', organisation.realm],
  ];
  return {
    device,
    secret,
    addressOfRecord,
    server,
    port,
    transports,
    realm: organisation.realm,
    displayName: person.name,
    text: lines.map(([label, value]) => `${label}: ${value}`).join('\n'),
    // No one form is understood by all telephones; JSON under a scheme of our own is read by ours and by people.
    qr: `liaison-sip:${JSON.stringify({
      v: 1,
      name: person.name,
      aor: addressOfRecord,
      user: device.username,
      secret,
      proxy: `${server}:${port}`,
    })}`,
  };
}
