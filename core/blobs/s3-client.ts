import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { Agent as HttpAgent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as HttpsAgent, request as tlsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { SignatureV4 } from '@smithy/signature-v4';

/** Where a bucket is, and who may use it. */
export interface S3Place {
  readonly isPlain: boolean;
  readonly host: string;
  readonly port: number;
  readonly keyId: string;
  readonly secret: string;
  readonly region: string;
  readonly bucket: string;
  /** Before the name of each object; empty, or with a slash at its end. */
  readonly prefix: string;
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** The object's name below the prefix; none asks the bucket. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent; asked anew for each try. */
  readonly body?: S3Body;
  readonly signal?: AbortSignal | undefined;
}

export interface S3Body {
  readonly bytes: number;
  readonly sha256: string;
  open(): Readable | Uint8Array;
}

/** What the store said to a request that it did not do. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;
  /** S3's own word, such as `NoSuchBucket`; empty where it has given none. */
  readonly code: string;

  constructor(status: number, code: string) {
    super(`the S3 store answered ${status}${code === '' ? '' : ` ${code}`}`);
    this.status = status;
    this.code = code;
  }
}

export interface S3Client {
  /** Answers with the head and the body still to be read; throws an `S3Error` for 300 and above. */
  send(request: S3Request): Promise<IncomingMessage>;
  /** The same, with an answer of at most 4 MiB read to its end. */
  ask(request: S3Request): Promise<{ headers: IncomingMessage['headers']; text: string }>;
  close(): void;
}

/** A store that says nothing for this long is given up. */
const silentMs = 30_000;
const tries = 4;
const longestAnswerBytes = 4 * 1024 * 1024;
export const emptySha256 = createHash('sha256').digest('hex');

/** The form in which the signer wants its sums; Node's own do the work. */
class Sha256 {
  readonly #sum: Hash | Hmac;

  constructor(secret?: unknown) {
    this.#sum = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(chunk: unknown): void {
    this.#sum.update(bytesOf(chunk));
  }

  async digest(): Promise<Uint8Array> {
    return this.#sum.digest();
  }

  reset(): void {}
}

function bytesOf(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Buffer.from(value as ArrayBuffer);
}

/**
 * Requests to one bucket of an S3 store, path-style (the only style that every store knows), each signed (AWS Signature
 * Version 4) over the sum of what is sent, so that bytes that were changed on the way are refused. A try that failed
 * for a reason that may pass (no connection, 500, 503, 429) is repeated; every request of ours may be.
 */
export function createS3Client(place: S3Place): S3Client {
  const agent = place.isPlain ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true });
  const signer = new SignatureV4({
    service: 's3',
    region: place.region,
    credentials: { accessKeyId: place.keyId, secretAccessKey: place.secret },
    sha256: Sha256,
    // Names of objects are signed as they are sent.
    uriEscapePath: false,
    applyChecksum: true,
  });
  const defaultPort = place.isPlain ? 80 : 443;
  const host = place.port === defaultPort ? place.host : `${place.host}:${place.port}`;

  async function once({ method, key, query = {}, headers = {}, body, signal }: S3Request) {
    const path = `/${place.bucket}${key === undefined ? '' : `/${place.prefix}${key}`}`;
    const signed = await signer.sign({
      method,
      protocol: place.isPlain ? 'http:' : 'https:',
      hostname: place.host,
      port: place.port,
      path,
      query: { ...query },
      headers: {
        ...headers,
        host,
        'content-length': String(body?.bytes ?? 0),
        'x-amz-content-sha256': body?.sha256 ?? emptySha256,
      },
    });
    const search = Object.entries(query)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&');
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sending = (place.isPlain ? plainRequest : tlsRequest)({
      agent,
      method,
      host: place.host,
      port: place.port,
      path: search === '' ? path : `${path}?${search}`,
      headers: signed.headers,
      ...(signal === undefined ? {} : { signal }),
    });
    sending.setTimeout(silentMs, () => sending.destroy(new Error('the S3 store is silent')));
    sending.on('response', resolve);
    sending.on('error', reject);
    const bytes = body?.open();
    if (bytes === undefined || bytes instanceof Uint8Array) sending.end(bytes);
    else {
      bytes.on('error', (error) => sending.destroy(error));
      sending.on('close', () => bytes.destroy());
      bytes.pipe(sending);
    }
    const response = await promise;
    if ((response.statusCode ?? 500) < 300) return response;
    throw new S3Error(response.statusCode ?? 500, codeOf(await read(response)));
  }

  async function send(request: S3Request): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(request);
      } catch (error) {
        const mayPass = error instanceof S3Error ? error.status >= 500 || error.status === 429 : true;
        if (!mayPass || attempt === tries || request.signal?.aborted) throw error;
        await pause(100 * 4 ** (attempt - 1), undefined, { signal: request.signal });
      }
    }
  }

  return {
    send,
    async ask(request) {
      const response = await send(request);
      return { headers: response.headers, text: await read(response) };
    },
    close: () => agent.destroy(),
  };
}

async function read(response: IncomingMessage): Promise<string> {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > longestAnswerBytes) response.destroy(new Error('the S3 store answered too much'));
  });
  return (await buffer(response)).toString('utf8');
}

const codeOf = (answer: string): string => /<Code>([A-Za-z0-9]{1,80})<\/Code>/.exec(answer)?.[1] ?? '';
