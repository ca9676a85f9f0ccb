import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { StartError } from '../config/index.ts';
import { createS3Client, type S3Client, S3Error } from './s3-client.ts';
import { readS3Place } from './s3-place.ts';

/** Named objects of one bucket, for what is not named by its content. */
export interface Bucket {
  /** Host and bucket, without key and secret. */
  readonly where: string;
  /**
   * Writes an object from a stream of any length; one that fails leaves nothing. What is larger than one part goes in
   * parts, of which one at a time is in memory.
   */
  put(name: string, source: Readable | Uint8Array, signal?: AbortSignal): Promise<{ bytes: number }>;
  /** The object's bytes, or null where it is not there. */
  get(name: string): Promise<Readable | null>;
  list(prefix: string): AsyncIterable<{ name: string; bytes: number; storedAt: Date }>;
  remove(name: string): Promise<void>;
  close(): void;
}

const megabyte = 1024 * 1024;
/** A store takes 10,000 parts: the first thousand are small, so that little waits in memory, the rest reach 0.6 TB. */
const partBytes = (part: number): number => (part <= 1000 ? 16 * megabyte : 64 * megabyte);

/** Opens the bucket that an address of ours names. Throws a `StartError` that names the setting. */
export async function openBucket(url: string, setting: string): Promise<Bucket> {
  const place = readS3Place(url, setting);
  const client = createS3Client(place);
  const where = `${place.host}/${place.bucket}${place.prefix === '' ? '' : `/${place.prefix.slice(0, -1)}`}`;
  try {
    await client.ask({ method: 'GET', query: { 'list-type': '2', 'max-keys': '1' } });
  } catch (error) {
    client.close();
    throw unusable(error, where, setting);
  }
  return {
    where,
    async put(name, source, signal) {
      // A source that stands still hears of the end too.
      const end = () => source instanceof Readable && source.destroy(new Error('the upload was ended'));
      signal?.throwIfAborted();
      signal?.addEventListener('abort', end, { once: true });
      try {
        return await upload(client, name, source, signal);
      } finally {
        signal?.removeEventListener('abort', end);
        if (source instanceof Readable) source.destroy();
      }
    },
    async get(name) {
      try {
        return await client.send({ method: 'GET', key: name });
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async *list(prefix) {
      let token: string | undefined;
      do {
        const query = {
          'list-type': '2',
          prefix: place.prefix + prefix,
          ...(token ? { 'continuation-token': token } : {}),
        };
        const { text } = await client.ask({ method: 'GET', query });
        for (const [, object = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
          const key = textOf(object, 'Key') ?? '';
          if (!key.startsWith(place.prefix)) continue;
          const storedAt = new Date(textOf(object, 'LastModified') ?? 0);
          yield { name: key.slice(place.prefix.length), bytes: Number(textOf(object, 'Size')), storedAt };
        }
        token = textOf(text, 'IsTruncated') === 'true' ? textOf(text, 'NextContinuationToken') : undefined;
      } while (token !== undefined);
    },
    async remove(name) {
      await client.ask({ method: 'DELETE', key: name }).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    },
    close: () => client.close(),
  };
}

async function upload(
  client: S3Client,
  key: string,
  source: Readable | Uint8Array,
  signal: AbortSignal | undefined,
): Promise<{ bytes: number }> {
  const headers = { 'content-type': 'application/octet-stream' };
  const bodyOf = (bytes: Uint8Array) => ({
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    open: () => bytes,
  });
  const parts = source instanceof Readable ? partsOf(source)[Symbol.asyncIterator]() : undefined;
  const first = parts === undefined ? { value: source as Uint8Array, done: false } : await parts.next();
  const whole = (first.done ? undefined : first.value) ?? new Uint8Array(0);
  let next = await parts?.next();
  if (next === undefined || next.done) {
    await client.ask({ method: 'PUT', key, headers, body: bodyOf(whole), signal });
    return { bytes: whole.length };
  }
  const begun = await client.ask({ method: 'POST', key, headers, query: { uploads: '' }, signal });
  const uploadId = textOf(begun.text, 'UploadId');
  if (uploadId === undefined) throw new Error('the S3 store gave no number to an upload in parts');
  try {
    const tags: string[] = [];
    let bytes = 0;
    const send = async (part: Uint8Array) => {
      const query = { partNumber: String(tags.length + 1), uploadId };
      const sent = await client.ask({ method: 'PUT', key, query, body: bodyOf(part), signal });
      tags.push(sent.headers.etag ?? '');
      bytes += part.length;
    };
    await send(whole);
    for (; next !== undefined && !next.done; next = await parts?.next()) await send(next.value);
    const list = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
    const body = bodyOf(Buffer.from(`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`));
    const { text } = await client.ask({ method: 'POST', key, query: { uploadId }, body, signal });
    // The store answers 200 before it has joined the parts; whether it could stands in the text.
    if (/<Error>/.test(text)) throw new S3Error(500, textOf(text, 'Code') ?? '');
    return { bytes };
  } catch (error) {
    // Parts of what was given up would be kept, and paid for, for ever.
    await client.ask({ method: 'DELETE', key, query: { uploadId } }).catch(() => {});
    throw error;
  }
}

async function* partsOf(source: Readable): AsyncGenerator<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let part = 1;
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    let rest = chunk;
    while (bytes + rest.length >= partBytes(part)) {
      const taken = rest.subarray(0, partBytes(part) - bytes);
      yield Buffer.concat([...chunks, taken]);
      rest = rest.subarray(taken.length);
      [chunks, bytes] = [[], 0];
      part++;
    }
    if (rest.length > 0) chunks.push(rest);
    bytes += rest.length;
  }
  if (bytes > 0 || part === 1) yield Buffer.concat(chunks);
}

function unusable(error: unknown, where: string, setting: string): StartError {
  const because = (): [string, string] => {
    if (!(error instanceof S3Error))
      return ['cannot be reached', 'start the store, or mend its host and port'];
    if (error.status === 404) return ['does not exist', 'make it in the store, or mend its name'];
    if (error.code === 'RequestTimeTooSkewed') return ['refuses our clock', 'set the clock of this machine'];
    if (error.status === 403 || error.status === 401)
      return ['refuses the key', 'mend key, secret and region, and let that key read and write the bucket'];
    return [`answers ${error.status} ${error.code}`.trim(), 'look at the log of the store'];
  };
  const [what, mend] = because();
  return new StartError({ what: `the bucket ${where} ${what}`, setting, mend, cause: error });
}

const isMissing = (error: unknown): boolean => error instanceof S3Error && error.status === 404;

function textOf(xml: string, element: string): string | undefined {
  const found = new RegExp(`<${element}>([^<]{0,2000})</${element}>`).exec(xml)?.[1];
  return found
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
