import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError, storageError, systemCode } from '@liaison/core/config';
import type { Site } from '../contract/index.ts';

/**
 * What is wrong with the certificate that a site is given: browsers would refuse it, or Caddy would not start on it. Undefined where
 * nothing is, or none is given; a file that is not there yet is asked for elsewhere.
 */
export async function certificateFault(
  site: Site,
  secrets: string,
  now = new Date(),
): Promise<{ what: string; mend: string } | undefined> {
  const given = site.edge?.certificate;
  if (given?.kind !== 'own') return undefined;
  const [file, keyFile] = [join(secrets, given.certificate.secret), join(secrets, given.key.secret)];
  const [certificate, key] = await Promise.all([read(file), read(keyFile)]);
  if (certificate === undefined || key === undefined) return undefined;
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    return {
      what: `${file} holds no certificate`,
      mend: 'put the PEM of the certificate there, that of the site first and those of its authorities behind it',
    };
  }
  try {
    if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Error('another one');
  } catch {
    return {
      what: `${keyFile} is not the key of ${file}`,
      mend: 'put the PEM of the key there that belongs to it',
    };
  }
  const until = new Date(parsed.validTo);
  if (until <= now) {
    return {
      what: `the certificate ${file} has expired on ${until.toISOString().slice(0, 10)}`,
      mend: 'put a new one there, or describe kind: acme, which renews itself',
    };
  }
  if (new Date(parsed.validFrom) > now) {
    return {
      what: `the certificate ${file} is not valid before ${new Date(parsed.validFrom).toISOString()}`,
      mend: 'look at the clock of this machine, or wait until then',
    };
  }
  if (parsed.checkHost(site.host) === undefined) {
    return {
      what: `the certificate ${file} is for ${parsed.subjectAltName ?? parsed.subject}, and not for ${site.host}`,
      mend: 'put one there that names the host of the site',
    };
  }
  return undefined;
}

/** Refuses what a browser would refuse, before it is brought to the site. */
export async function checkCertificate(site: Site, secrets: string): Promise<void> {
  const fault = await certificateFault(site, secrets);
  if (fault !== undefined) throw new StartError(fault);
}

const read = (file: string): Promise<Buffer | undefined> =>
  readFile(file).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw storageError(error, file);
  });
