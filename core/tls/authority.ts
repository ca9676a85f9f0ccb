import { createPrivateKey, KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { StartError, storageError, systemCode } from '../config/index.ts';
import type { KeyPair } from './key-pair.ts';

/** The self-made authority, for the page that explains how to trust it. */
export interface Authority {
  pem: string;
  /** The form that telephones and Windows install with one tap (`application/x-x509-ca-cert`). */
  der: Buffer;
  /** SHA-256 of `der`, as certificate dialogues show it: `AB:CD:…`. */
  fingerprint: string;
  validUntil: Date;
}

const dayMs = 86_400_000;
const authorityDays = 3650;
const leafDays = 180;
const renewBeforeDays = 60;

/** Clocks of telephones are often a little behind. */
const backdateMs = dayMs;

/**
 * The authority of a data folder and a leaf certificate for `names`, both made where they are missing and renewed when
 * they end soon or the names have changed. A new leaf leaves the authority, and so everybody's trust, as it is.
 */
export async function ownCertificate(options: {
  folder: string;
  names: string[];
  now: number;
}): Promise<{ authority: Authority; leaf: KeyPair; renewed: boolean }> {
  const { folder, names, now } = options;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let authority = await readPair(folder, 'authority');
    if (authority === undefined || endsWithin(authority, now, leafDays)) {
      authority = await makeAuthority(now);
      await writePair(folder, 'authority', authority);
    }
    const known = await readPair(folder, 'server');
    if (known !== undefined && isFit(known, authority, names, now)) {
      return { authority: describe(authority), leaf: chain(known, authority), renewed: false };
    }
    const leaf = await makeLeaf(authority, names, now);
    await writePair(folder, 'server', leaf);
    return { authority: describe(authority), leaf: chain(leaf, authority), renewed: true };
  } catch (error) {
    throw storageError(error, folder);
  }
}

function isFit(leaf: KeyPair, authority: KeyPair, names: string[], now: number): boolean {
  const certificate = new X509Certificate(leaf.certificate);
  if (endsWithin(leaf, now, renewBeforeDays) || Date.parse(certificate.validFrom) > now) return false;
  if (!certificate.verify(new X509Certificate(authority.certificate).publicKey)) return false;
  return names.every(
    (name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined,
  );
}

function endsWithin(pair: KeyPair, now: number, days: number): boolean {
  return Date.parse(new X509Certificate(pair.certificate).validTo) < now + days * dayMs;
}

function chain(leaf: KeyPair, authority: KeyPair): KeyPair {
  return { certificate: leaf.certificate + authority.certificate, key: leaf.key };
}

function describe(pair: KeyPair): Authority {
  const certificate = new X509Certificate(pair.certificate);
  return {
    pem: pair.certificate,
    der: certificate.raw,
    fingerprint: certificate.fingerprint256,
    validUntil: new Date(certificate.validTo),
  };
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Loaded when a certificate is made, which most starts need not do. */
async function loadX509() {
  await import('reflect-metadata'); // the library's own containers want it first
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as Crypto);
  return x509;
}

async function makeAuthority(now: number): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  // The name carries a random part: a browser must not take a new authority for an old one of the same name.
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=Liaison authority ${randomBytes(3).toString('hex')}, O=Liaison`,
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + authorityDays * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: exportKey(keys.privateKey) };
}

async function makeLeaf(authority: KeyPair, names: string[], now: number): Promise<KeyPair> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certificate);
  const signingKey = createPrivateKey(authority.key).toCryptoKey(algorithm, false, ['sign']) as CryptoKey;
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=Liaison',
    issuer: issuer.subject,
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + leafDays * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: exportKey(keys.privateKey) };
}

function exportKey(key: CryptoKey): string {
  return KeyObject.from(key as webcrypto.CryptoKey)
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** Key and certificate in one file, so that a crash never leaves one without the other. */
async function readPair(folder: string, name: string): Promise<KeyPair | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, `${name}.pem`), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/.exec(text)?.[0];
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(text)?.[0];
  try {
    if (key !== undefined && certificate !== undefined) {
      if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
        return { key, certificate };
    }
  } catch {
    // Said below, with the mend.
  }
  const file = join(folder, `${name}.pem`);
  const mend =
    name === 'authority' ? 'put it back from a backup, or remove it and have it trusted anew' : 'remove it';
  throw new StartError({ what: `${file} is damaged`, setting: 'LIAISON_DATA', mend });
}

async function writePair(folder: string, name: string, pair: KeyPair): Promise<void> {
  const temporary = join(folder, `${name}.${randomBytes(4).toString('hex')}.partial`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(pair.key + pair.certificate);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, join(folder, `${name}.pem`));
}
