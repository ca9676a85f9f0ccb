import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StartError } from '../config/index.ts';
import { makeScratchFolder } from '../scratch/index.ts';
import {
  BlobMissingError,
  type Blobs,
  BlobTooLargeError,
  isBlobName,
  type PutOptions,
  type StoredBlob,
} from './blobs.ts';
import { createS3Client, type S3Body, type S3Client, S3Error } from './s3-client.ts';
import { readS3Place } from './s3-place.ts';
import { createSpool } from './spool.ts';

/** What is smaller waits for its sum in memory, what is larger on the disk. */
const inMemoryBytes = 1024 * 1024;
/** What is larger is sent in parts: one that fails is repeated alone. */
const partBytes = 64 * 1024 * 1024;
/** Somebody who stores a blob anew within this time of the last finds it young enough for the collector. */
const youngMs = 10 * 60_000;

/**
 * Blobs as objects of one bucket: `<prefix>ab/<sha256>` with `ab` the name's first two digits. What comes is kept in
 * memory or on this machine's disk until its sum is known, and is then sent under its name: an object is there with all
 * its bytes or not at all, and one that is there is never replaced by others. Needs of the store nothing but GET with
 * ranges, HEAD, PUT, DELETE, ListObjectsV2, and multipart upload for what is larger than 64 MiB.
 *
 * A store cannot delete an object only if nobody renewed it meanwhile. So one that is to go is marked long before, by an object
 * beside it, and who finds the mark puts the bytes under a second name, which is not to go: `<sha256>.1`.
 */
export async function createS3Blobs(url: string): Promise<Blobs> {
  const place = readS3Place(url);
  const client = createS3Client(place);
  await refuseUnlessUsable(client, `${place.host}/${place.bucket}`);
  const keysOf = (sha256: string): readonly [string, string] => {
    if (!isBlobName(sha256)) throw new TypeError('not the name of a blob');
    const key = `${sha256.slice(0, 2)}/${sha256}`;
    return [key, `${key}.1`];
  };

  async function head(key: string): Promise<{ bytes: number; storedAt: Date } | null> {
    try {
      const { headers } = await client.ask({ method: 'HEAD', key });
      const storedAt = new Date(headers['last-modified'] ?? 0);
      return { bytes: Number(headers['content-length']), storedAt };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
  const isCondemned = async (key: string) => (await head(markOf(key))) !== null;
  const drop = async (key: string) => {
    await client.ask({ method: 'DELETE', key }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  };
  /** The name under which a blob is there, with what `ask` finds; the second name is looked at where nothing has the first. */
  async function find<Found>(
    sha256: string,
    ask: (key: string) => Promise<Found | null>,
  ): Promise<Found | null> {
    const [first, second] = keysOf(sha256);
    return (await ask(first)) ?? ask(second);
  }

  /** Stores it under a name that is not condemned, also not when all of it was sent. */
  async function store(received: Received, signal: AbortSignal | undefined): Promise<void> {
    const { sha256, bytes } = received;
    const [first, second] = keysOf(sha256);
    const key = (await isCondemned(first)) ? second : first;
    const found = await head(key);
    // An old one gets a new time by being sent again: the collector spares it then. Its bytes are the same.
    if (found?.bytes === bytes && found.storedAt.getTime() >= Date.now() - youngMs) return;
    await upload(client, key, received, signal);
    // What is sent in parts may take longer than a condemned one has.
    if (key === first && bytes > partBytes && (await isCondemned(first))) await store(received, signal);
  }

  // On this machine: whoever goes on with an upload at another one begins it anew.
  const spool = createSpool(join(tmpdir(), 'liaison-blobs', 'spool'));
  const put: Blobs['put'] = async (source, options) => {
    const received = await receive(source, options);
    try {
      await store(received, options.signal);
      return { sha256: received.sha256, bytes: received.bytes };
    } finally {
      await received.forget();
    }
  };

  return {
    spool,
    put,
    putAll: (contents) =>
      Promise.all(contents.map((content) => put([content], { maxBytes: content.byteLength }))),
    putSpooled: async (id, options) => put(await spool.open(id), options),
    async open(sha256, range = {}) {
      const start = Math.max(0, range.start ?? 0);
      const isWhole = start === 0 && range.end === undefined;
      const nothing = async () => {
        if ((await find(sha256, head)) === null) throw new BlobMissingError(sha256);
        return { stream: Readable.from([]), bytes: 0 };
      };
      if (range.end !== undefined && range.end < start) return nothing();
      const headers: Record<string, string> = isWhole ? {} : { range: `bytes=${start}-${range.end ?? ''}` };
      try {
        const stream = await find(sha256, async (key) => {
          try {
            return await client.send({ method: 'GET', key, headers });
          } catch (error) {
            if (isMissing(error)) return null;
            throw error;
          }
        });
        if (stream === null) throw new BlobMissingError(sha256);
        return { stream, bytes: Number(stream.headers['content-length']) };
      } catch (error) {
        // RFC 9110 §15.5.17: the range begins behind the end.
        if (error instanceof S3Error && error.status === 416) return nothing();
        throw error;
      }
    },
    has: async (sha256) => (await find(sha256, head)) !== null,
    async remove(sha256) {
      for (const key of keysOf(sha256)) await drop(key);
    },
    async condemn(sha256) {
      const keys = keysOf(sha256);
      // One name at a time, so that there is always another for who puts.
      for (const key of keys) if (await isCondemned(key)) return;
      const key = await find(sha256, async (each) => ((await head(each)) === null ? null : each));
      if (key === null) return;
      await client.ask({ method: 'PUT', key: markOf(key) });
    },
    async pardon(sha256) {
      for (const key of keysOf(sha256)) await drop(markOf(key));
    },
    async removeCondemned(sha256, before) {
      for (const key of keysOf(sha256)) {
        const mark = await head(markOf(key));
        if (mark === null || mark.storedAt >= before) continue;
        const found = await head(key);
        const isOld = found !== null && found.storedAt < before;
        if (isOld) await drop(key);
        await drop(markOf(key));
        return isOld ? found.bytes : null;
      }
      return null;
    },
    async *list() {
      let token: string | undefined;
      let last: (StoredBlob & { storedAt: Date }) | undefined;
      do {
        const query = {
          'list-type': '2',
          prefix: place.prefix,
          ...(token ? { 'continuation-token': token } : {}),
        };
        const { text } = await client.ask({ method: 'GET', query });
        for (const blob of objectsOf(text)) {
          if (last !== undefined && last.sha256 !== blob.sha256) yield last;
          // Under its second name, which comes next: one blob.
          const before = last?.sha256 === blob.sha256 ? last.storedAt : undefined;
          last = before !== undefined && before > blob.storedAt ? { ...blob, storedAt: before } : blob;
        }
        token = textOf(text, 'IsTruncated') === 'true' ? textOf(text, 'NextContinuationToken') : undefined;
      } while (token !== undefined);
      if (last !== undefined) yield last;
    },
  };
}

interface Received extends StoredBlob {
  /** The bytes from `start` on, so many of them. */
  part(start: number, bytes: number): Readable | Uint8Array;
  forget(): Promise<void>;
}

async function receive(source: Parameters<Blobs['put']>[0], options: PutOptions): Promise<Received> {
  const { maxBytes, signal } = options;
  signal?.throwIfAborted();
  const hash = createHash('sha256');
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let file: { path: string; handle: Awaited<ReturnType<typeof open>> } | undefined;
  const take = async (incoming: AsyncIterable<Uint8Array>) => {
    for await (const chunk of incoming) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new BlobTooLargeError(maxBytes);
      hash.update(chunk);
      if (file === undefined && bytes > inMemoryBytes) {
        file = await openSpool();
        for (const kept of chunks) await file.handle.writeFile(kept);
        chunks = [];
      }
      if (file === undefined) chunks.push(chunk);
      else await file.handle.writeFile(chunk);
    }
  };
  const forget = async () => {
    if (file !== undefined) await rm(dirname(file.path), { recursive: true, force: true });
  };
  try {
    // `pipeline` ends a source that stands still when the signal comes.
    await pipeline(source as AsyncIterable<Uint8Array>, take, signal === undefined ? {} : { signal });
    await file?.handle.close();
  } catch (error) {
    await file?.handle.close().catch(() => {});
    await forget();
    throw error;
  }
  const path = file?.path;
  const kept = Buffer.concat(chunks);
  return {
    sha256: hash.digest('hex'),
    bytes,
    part: (start, length) =>
      path === undefined
        ? kept.subarray(start, start + length)
        : createReadStream(path, { start, end: start + length - 1 }),
    forget,
  };
}

async function openSpool() {
  const path = join(await makeScratchFolder('blob'), 'bytes');
  return { path, handle: await open(path, 'wx', 0o600) };
}

async function upload(
  client: S3Client,
  key: string,
  received: Received,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { bytes, sha256 } = received;
  const headers = { 'content-type': 'application/octet-stream' };
  if (bytes <= partBytes) {
    const body: S3Body = { bytes, sha256, open: () => received.part(0, bytes) };
    await client.ask({ method: 'PUT', key, headers, body, signal });
    return;
  }
  const begun = await client.ask({ method: 'POST', key, headers, query: { uploads: '' }, signal });
  const uploadId = textOf(begun.text, 'UploadId');
  if (uploadId === undefined) throw new Error('the S3 store gave no number to an upload in parts');
  try {
    const tags: string[] = [];
    for (let start = 0; start < bytes; start += partBytes) {
      const length = Math.min(partBytes, bytes - start);
      const { headers: answered } = await client.ask({
        method: 'PUT',
        key,
        query: { partNumber: String(tags.length + 1), uploadId },
        body: await partOf(received, start, length),
        signal,
      });
      tags.push(answered.etag ?? '');
    }
    const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
    const list = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
    const body: S3Body = { bytes: list.length, sha256: sumOf(list), open: () => list };
    const { text } = await client.ask({ method: 'POST', key, query: { uploadId }, body, signal });
    // The store answers 200 before it has joined the parts; whether it could stands in the text.
    if (/<Error>/.test(text)) throw new S3Error(500, textOf(text, 'Code') ?? '');
  } catch (error) {
    // Parts of what was given up would be kept, and paid for, for ever.
    await client.ask({ method: 'DELETE', key, query: { uploadId } }).catch(() => {});
    throw error;
  }
}

async function partOf(received: Received, start: number, bytes: number): Promise<S3Body> {
  const hash = createHash('sha256');
  const once = received.part(start, bytes);
  if (once instanceof Uint8Array) hash.update(once);
  else for await (const chunk of once) hash.update(chunk as Uint8Array);
  return { bytes, sha256: hash.digest('hex'), open: () => received.part(start, bytes) };
}

async function refuseUnlessUsable(client: S3Client, where: string): Promise<void> {
  try {
    await client.ask({ method: 'GET', query: { 'list-type': '2', 'max-keys': '1' } });
  } catch (error) {
    const [what, mend] = whyNot(error);
    client.close();
    throw new StartError({ what: `the bucket ${where} ${what}`, setting: 'BLOBS_URL', mend, cause: error });
  }
}

function whyNot(error: unknown): [what: string, mend: string] {
  if (!(error instanceof S3Error)) return ['cannot be reached', 'start the store, or mend its host and port'];
  if (error.status === 404) return ['does not exist', 'make it in the store, or mend its name'];
  if (error.code === 'RequestTimeTooSkewed') return ['refuses our clock', 'set the clock of this machine'];
  if (error.status === 403 || error.status === 401)
    return ['refuses the key', 'mend key, secret and region, and let that key read and write the bucket'];
  return [`answers ${error.status} ${error.code}`.trim(), 'look at the log of the store'];
}

/** What says that the object of that name is about to go. */
const markOf = (key: string): string => `${key}.condemned`;
const isMissing = (error: unknown): boolean => error instanceof S3Error && error.status === 404;
const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The first element of that name. What we ask for holds no markup of its own, but a token may hold an `&`. */
function textOf(xml: string, element: string): string | undefined {
  const found = new RegExp(`<${element}>([^<]{0,2000})</${element}>`).exec(xml)?.[1];
  return found
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

function* objectsOf(xml: string): Iterable<StoredBlob & { storedAt: Date }> {
  for (const [, object = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
    const sha256 = textOf(object, 'Key')?.split('/').at(-1)?.replace(/\.1$/, '');
    const bytes = Number(textOf(object, 'Size'));
    const storedAt = new Date(textOf(object, 'LastModified') ?? 0);
    if (isBlobName(sha256)) yield { sha256, bytes, storedAt };
  }
}
