import { randomBytes } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { StartError } from '../config/index.ts';
import { nonceBytes, opening, sealing } from './age-payload.ts';

/**
 * The public age format (age-encryption.org/v1, specified at c2sp.org/age): what we write, the `age` program of any
 * system reads with the identity, and nobody without it. Memory stays at a few chunks of 64 KiB whatever the size.
 */

/** A new pair: the recipient goes into the configuration, the identity to whoever may read backups. */
export async function createIdentity(): Promise<{ identity: string; recipient: string }> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

export function isRecipient(text: string): boolean {
  try {
    new Encrypter().addRecipient(text);
    return text.startsWith('age1');
  } catch {
    return false;
  }
}

/** Encrypts to every recipient: each of their identities alone opens it. A fault of the source ends the result. */
export async function encrypt(source: Readable, recipients: readonly string[]): Promise<Readable> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  let fileKey: Uint8Array | undefined;
  // A recipient of no stanza, which is how the library tells the key that its header holds.
  encrypter.addRecipient({
    async wrapFileKey(key) {
      fileKey = Uint8Array.from(key);
      return [];
    },
  });
  const empty = await encrypter.encrypt(new Uint8Array(0));
  if (fileKey === undefined) throw new Error('the library has not said its key');
  const header = empty.subarray(0, -(nonceBytes + emptyPayloadBytes));
  const nonce = randomBytes(nonceBytes);
  const sealed = sealing(fileKey, nonce);
  const out = new PassThrough({ highWaterMark: 1024 * 1024 });
  out.write(header);
  out.write(nonce);
  pipeline(source, sealed, out).catch((error: Error) => out.destroy(error));
  return out;
}

/** A payload of nothing is the sum of nothing. */
const emptyPayloadBytes = 16;

/** Of a header with some recipients; one that goes on for longer is none. */
const mostHeaderBytes = 64 * 1024;

/**
 * Decrypts and authenticates as it goes: a changed, cut or foreign byte ends the result with an error. Throws a
 * `StartError` where no identity fits or the beginning is not of this format.
 */
export async function decrypt(
  source: Readable,
  identities: readonly string[],
  name: string,
): Promise<Readable> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const { header, nonce, rest } = await readHeader(chunks);
    const fileKey = await decrypter.decryptHeader(header);
    const opened = opening(fileKey, nonce);
    const payload = async function* () {
      try {
        if (rest.length > 0) yield rest;
        for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
      } finally {
        source.destroy();
      }
    };
    pipeline(payload, opened).catch((error: Error) => opened.destroy(error));
    return opened;
  } catch (error) {
    source.destroy();
    const isOther = error instanceof Error && /no identity matched/i.test(error.message);
    throw new StartError(
      isOther
        ? {
            what: 'the backup is encrypted to another key',
            mend: 'name the file of the identity that belongs to it',
            cause: error,
          }
        : { what: `the backup is damaged: ${name} does not open`, mend: 'name another backup', cause: error },
    );
  }
}

/** The header up to its sum, the nonce behind it, and what else was read. */
async function readHeader(
  chunks: AsyncIterator<Buffer>,
): Promise<{ header: Buffer; nonce: Buffer; rest: Buffer }> {
  let read: Buffer = Buffer.alloc(0);
  for (;;) {
    // The line with the sum is the last one of a header.
    const sum = read.indexOf('\n--- ');
    const end = sum === -1 ? -1 : read.indexOf('\n', sum + 1);
    if (end !== -1 && read.length >= end + 1 + nonceBytes) {
      const payload = end + 1 + nonceBytes;
      return {
        header: read.subarray(0, end + 1),
        nonce: read.subarray(end + 1, payload),
        rest: read.subarray(payload),
      };
    }
    if (end === -1 && read.length > mostHeaderBytes) throw new Error('there is no header');
    const next = await chunks.next();
    if (next.done) throw new Error('the header is cut off');
    read = Buffer.concat([read, next.value]);
  }
}

/** The identities of a file as `age-keygen` writes it: a line each, `#` begins a remark. */
export function readIdentities(text: string, file: string): string[] {
  const lines = text.slice(0, 100_000).split(/\r?\n/);
  const found = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  try {
    const decrypter = new Decrypter();
    for (const line of found) decrypter.addIdentity(line);
  } catch (error) {
    throw new StartError({ what: `${file} holds something else than identities`, mend, cause: error });
  }
  if (found.length === 0) throw new StartError({ what: `${file} holds no identity`, mend });
  return found;
}

const mend = 'name the file with the line AGE-SECRET-KEY-1… that backup-key has shown';
