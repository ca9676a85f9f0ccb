import type { Device, Organisation, PersonSummary, Provisioning } from '../contract/index.ts';

/** What is typed into a telephone or read from a QR code. */
export function provisioningOf(input: {
  device: Device;
  secret: string;
  person: PersonSummary;
  organisation: Organisation;
  /** Where telephones reach the registrar. */
  server: string;
  port: number;
}): Provisioning {
  const { device, secret, person, organisation, server, port } = input;
  const user = person.address.split('@')[0]!;
  const addressOfRecord = `sip:${user}@${organisation.realm}`;
  const lines: [string, string][] = [
    ['Display name', person.name],
    ['User name', user],
    ['Domain (SIP server)', organisation.realm],
    ['Authentication name', device.username],
    ['Password', secret],
    ['Registrar / outbound proxy', `${server}:${port}`],
    ['Transport', 'UDP or TCP'],
    ['Realm', organisation.realm],
  ];
  return {
    device,
    secret,
    addressOfRecord,
    server,
    port,
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
