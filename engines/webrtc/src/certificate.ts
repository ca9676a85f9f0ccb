import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key and a certificate for it that nobody vouches for: SDP carries its fingerprint (RFC 5763 §5). */
export interface PipeCertificate {
  certificatePem: string;
  keyPem: string;
}

const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 30;

// What of DER (ITU-T X.690) a certificate (RFC 5280 §4.1) needs.
function tlv(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >>> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}
const sequence = (...contents: Uint8Array[]) => tlv(0x30, ...contents);
const bitString = (bytes: Uint8Array) => tlv(0x03, Buffer.of(0), bytes);
/** RFC 5280 §4.1.2.5.1 */
const utcTime = (at: Date) =>
  tlv(0x17, Buffer.from(`${at.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`, 'latin1'));
const ECDSA_WITH_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
const COMMON_NAME = Buffer.from('0603550403', 'hex');

const pem = (der: Buffer, what: string) =>
  `-----BEGIN ${what}-----\n${der.toString('base64').replaceAll(/(.{64})(?!$)/g, '$1\n')}\n-----END ${what}-----\n`;

/** A new key each time (ECDSA on P-256): whoever saw one learns nothing of another. */
export function createPipeCertificate(now = new Date()): PipeCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = randomBytes(8);
  serial[0] = (serial[0]! & 0x7f) | 0x40; // positive, and no zero in front
  const name = sequence(
    tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(randomBytes(8).toString('hex'))))),
  );
  const unsigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(
      utcTime(new Date(now.getTime() - DAY_MS)),
      utcTime(new Date(now.getTime() + LIFETIME_DAYS * DAY_MS)),
    ),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const certificate = sequence(unsigned, ECDSA_WITH_SHA256, bitString(sign('sha256', unsigned, privateKey)));
  return {
    certificatePem: pem(certificate, 'CERTIFICATE'),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
