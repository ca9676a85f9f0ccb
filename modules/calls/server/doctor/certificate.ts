import { checkServerIdentity, connect as connectTls } from 'node:tls';
import { type DoctorStep, type DoctorTransport, Failed, portSetting } from './finding.ts';

export interface SeenCertificate {
  readonly validTo: Date;
  readonly validFrom: Date;
  fits(name: string): boolean;
}

/** What certificate a door shows; whether it is to be believed is judged apart. */
export function certificateOf(
  transport: DoctorTransport,
  host: string,
  port: number,
  patienceMs: number,
): Promise<SeenCertificate> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      socket.destroy();
      reject(
        new Failed(
          'port',
          `${transport.toUpperCase()} port ${port} of ${host} does not answer: ${why}`,
          `look whether ${portSetting[transport]} is ${port}, whether another program holds the port (ss -lnpt | grep ${port}), and whether a firewall drops it`,
        ),
      );
    };
    const socket = connectTls({ host, port, rejectUnauthorized: false, timeout: patienceMs }, () => {
      const seen = socket.getPeerCertificate();
      socket.destroy();
      resolve({
        validTo: new Date(seen.valid_to),
        validFrom: new Date(seen.valid_from),
        fits: (name) => checkServerIdentity(name, seen) === undefined,
      });
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('timeout', () => fail('no handshake in time'));
  });
}

/** Whether telephones will take it; exported for its test. */
export function judgeCertificate(
  { names }: { readonly names: readonly string[] },
  seen: SeenCertificate,
  good: (step: DoctorStep, what: string, warning?: string) => void,
): void {
  const now = Date.now();
  if (seen.validTo.getTime() < now || seen.validFrom.getTime() > now) {
    throw new Failed(
      'certificate',
      `the certificate is valid from ${seen.validFrom.toISOString().slice(0, 10)} to ${seen.validTo.toISOString().slice(0, 10)}, not now`,
      'renew the files of LIAISON_TLS_CERT and LIAISON_TLS_KEY; without these look at the clock of this machine and restart',
    );
  }
  const missing = names.filter((name) => !seen.fits(name));
  const days = Math.floor((seen.validTo.getTime() - now) / 86_400_000);
  if (missing.length > 0) {
    good(
      'certificate',
      `the certificate is not for ${missing.join(', ')}`,
      'telephones that look at it refuse it: get one for every name in LIAISON_ADVERTISE and LIAISON_PUBLIC_URL, or remove names that are not used',
    );
  } else if (days < 7) {
    good('certificate', `the certificate ends in ${days} days`, 'renew it');
  } else good('certificate', `the certificate is right, for ${days} days more`);
}
