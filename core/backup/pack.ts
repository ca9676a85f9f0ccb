import { createHash, createHmac } from 'node:crypto';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { StartError } from '../config/index.ts';
import { decrypt, encrypt } from './age.ts';
import { type BackupStore, FileMissingError } from './store.ts';

/** What a file held before it was compressed and encrypted. */
export interface Packed {
  bytes: number;
  sha256: string;
  /** As it lies in the store. */
  storedBytes: number;
}

export interface PackOptions {
  store: BackupStore;
  name: string;
  recipients: readonly string[];
  signal?: AbortSignal | undefined;
  /** What is compressed already (pictures, sound) is only encrypted. */
  compress?: boolean;
}

/** Compresses, encrypts and stores a stream in one pass; nothing is kept of it on the way. */
export async function pack(source: Readable, options: PackOptions): Promise<Packed> {
  const { store, name, recipients, signal, compress = true } = options;
  const sum = summing();
  const plain = compress
    ? joined(source, sum.stream, createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } }))
    : joined(source, sum.stream);
  const stored = await store.put(name, await encrypt(plain, recipients), signal);
  return { ...sum.result(), storedBytes: stored.bytes };
}

/** What was packed, once more; a byte that is not as it was ends the stream with a `StartError`. */
export async function unpack(options: {
  store: BackupStore;
  name: string;
  identities: readonly string[];
  compressed?: boolean;
}): Promise<Readable> {
  const { store, name, identities, compressed = true } = options;
  const stored = await store.get(name).catch((error: unknown) => {
    throw error instanceof FileMissingError ? damaged(name, 'is missing') : error;
  });
  const plain = await decrypt(stored, identities, name);
  const out = compressed ? joined(plain, createZstdDecompress()) : joined(plain);
  return out;
}

/** `unpack`, whole, of something small. */
export async function unpackText(options: Parameters<typeof unpack>[0], maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of await unpack(options)) {
      bytes += (part as Buffer).length;
      if (bytes > maxBytes) throw new Error('it is too large');
      parts.push(part as Buffer);
    }
  } catch (error) {
    throw error instanceof StartError ? error : damaged(options.name, 'was changed', error);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The streams as one: whichever fails, the last one fails with its error. */
export function joined(...streams: [Readable, ...Transform[]]): Readable {
  const out = new PassThrough({ highWaterMark: 1024 * 1024 });
  pipeline([...streams, out]).catch((error: Error) => out.destroy(error));
  return out;
}

/** Passes on what comes and knows afterwards how much it was and its SHA-256. */
export function summing(): {
  stream: Transform;
  soFar(): { bytes: number };
  result(): { bytes: number; sha256: string };
} {
  const hash = createHash('sha256');
  let bytes = 0;
  let sha256: string | undefined;
  const stream = new Transform({
    highWaterMark: 1024 * 1024,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return {
    stream,
    soFar: () => ({ bytes }),
    result() {
      sha256 ??= hash.digest('hex');
      return { bytes, sha256 };
    },
  };
}

export const bytesOf = (text: string): Readable => Readable.from([Buffer.from(text)]);

/** A blob's name in a backup: whoever sees the store cannot tell from it whether a known file is among them. */
export function blobFile(nameKey: Buffer, sha256: string): string {
  const name = createHmac('sha256', nameKey).update(sha256).digest('hex').slice(0, 40);
  return `blobs/${name.slice(0, 2)}/${name}.age`;
}

export function damaged(name: string, how: string, cause?: unknown): StartError {
  const mend = 'name another backup, and empty the data folder before you try again';
  return new StartError({ what: `the backup is damaged: ${name} ${how}`, mend, cause });
}
