import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { StartError } from '../config/index.ts';

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
  const encrypted = await encrypter.encrypt(webStreamOf(source));
  return Readable.fromWeb(encrypted as WebStream<Uint8Array>);
}

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
    const opened = await decrypter.decrypt(webStreamOf(source));
    return Readable.fromWeb(opened as WebStream<Uint8Array>);
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

const webStreamOf = (source: Readable): ReadableStream<Uint8Array> =>
  Readable.toWeb(source) as ReadableStream<Uint8Array>;
