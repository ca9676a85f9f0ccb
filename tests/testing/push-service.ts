import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/** A browser that subscribed: what its page gives to the server, and what came for it. */
export interface PushReceiver {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
  /** Decrypted, in the order of their coming. */
  readonly got: readonly Pushed[];
  /** Answers the next requests to it with these, in turn, before messages are taken again. */
  refuse(...answers: readonly { status: number; retryAfter?: string }[]): void;
  until<T>(find: () => T | undefined | null | false, what: string, deadlineMs?: number): Promise<T>;
}

export interface Pushed {
  readonly message: Record<string, unknown>;
  readonly ttl: string | undefined;
  readonly urgency: string | undefined;
  readonly topic: string | undefined;
  /** Claims of the signed token (RFC 8292 §2), checked. */
  readonly claims: { readonly aud: string; readonly exp: number; readonly sub: string };
  /** The key that it was signed with, base64url. */
  readonly publicKey: string;
  /** Length of what was encrypted. */
  readonly bytes: number;
}

/** A push service as RFC 8030 has it, on this machine, that knows its browsers' secrets and reads what they would. */
export interface PushService {
  readonly origin: string;
  subscribe(): PushReceiver;
  /** What was asked of it and could not be taken, with the reason. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

export async function startPushService(): Promise<PushService> {
  const receivers = new Map<string, { take: (request: IncomingMessage, response: ServerResponse) => void }>();
  const faults: string[] = [];
  const server = createServer((request, response) => {
    const receiver = receivers.get(request.url ?? '');
    if (receiver) receiver.take(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function subscribe(): PushReceiver {
    const path = `/push/${randomBytes(24).toString('base64url')}`;
    const ecdh = createECDH('prime256v1');
    ecdh.generateKeys();
    const auth = randomBytes(16);
    const got: Pushed[] = [];
    const refusals: { status: number; retryAfter?: string }[] = [];
    async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const body = Buffer.concat(await Readable.from(request).toArray());
      const refusal = refusals.shift();
      if (refusal) {
        const headers = refusal.retryAfter === undefined ? {} : { 'retry-after': refusal.retryAfter };
        response.writeHead(refusal.status, headers).end();
        return;
      }
      try {
        got.push(read(request, body, { ecdh, auth, origin }));
        // RFC 8030 §5: created, and where its receipt would be.
        response.writeHead(201, { location: `${origin}/receipts/1` }).end();
      } catch (error) {
        faults.push((error as Error).message);
        response.writeHead(400).end();
      }
    }
    receivers.set(path, { take: (request, response) => void take(request, response) });
    return {
      endpoint: `${origin}${path}`,
      keys: { p256dh: ecdh.getPublicKey().toString('base64url'), auth: auth.toString('base64url') },
      got,
      refuse: (...answers) => void refusals.push(...answers),
      async until(find, what, deadlineMs = 10_000) {
        for (const end = Date.now() + deadlineMs; ; ) {
          const found = find();
          if (found) return found;
          if (Date.now() > end)
            throw new Error(`it was not pushed in time: ${what}; faults: ${faults.join()}`);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      },
    };
  }

  return {
    origin,
    subscribe,
    faults,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Checks the headers and the signature, and decrypts. Throws with what is wrong. */
function read(
  request: IncomingMessage,
  body: Buffer,
  mine: { ecdh: ECDH; auth: Buffer; origin: string },
): Pushed {
  const header = (name: string): string | undefined => request.headers[name]?.toString();
  if (request.method !== 'POST') throw new Error(`${request.method} is no push`);
  // RFC 8030 §5.2: without a time to live it is refused.
  if (!/^\d+$/.test(header('ttl') ?? '')) throw new Error('TTL is missing');
  // RFC 8030 §5.4: at most 32 characters of base64url.
  if (!/^[A-Za-z0-9_-]{0,32}$/.test(header('topic') ?? '')) throw new Error('the topic is not well formed');
  if (header('content-encoding') !== 'aes128gcm') throw new Error('only aes128gcm is read (RFC 8291 §4)');
  if (body.length > 4096) throw new Error('more than 4,096 bytes need not be taken (RFC 8030 §7.2)');
  const { claims, publicKey } = checkVapid(header('authorization') ?? '', mine.origin);
  const plain = decrypt(body, mine);
  return {
    message: JSON.parse(plain.toString()),
    ttl: header('ttl'),
    urgency: header('urgency'),
    topic: header('topic'),
    claims,
    publicKey,
    bytes: body.length,
  };
}

/** RFC 8292 §3: `vapid t=<token>, k=<key>`, a token signed with ES256. */
function checkVapid(authorization: string, origin: string): { claims: Pushed['claims']; publicKey: string } {
  const match = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)$/.exec(authorization);
  if (!match) throw new Error(`no VAPID in "${authorization.slice(0, 40)}"`);
  const [, head = '', payload = '', signature = '', publicKey = ''] = match;
  const point = Buffer.from(publicKey, 'base64url');
  if (point.length !== 65 || point[0] !== 4) throw new Error('the key is no uncompressed point');
  const key = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) throw new Error('the token is not signed by that key');
  const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString());
  if (alg !== 'ES256') throw new Error(`${alg} is not ES256`);
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Pushed['claims'];
  if (claims.aud !== origin) throw new Error(`the token is for ${claims.aud}`);
  // RFC 8292 §2: at most 24 hours ahead.
  const leftSeconds = claims.exp - Date.now() / 1000;
  if (leftSeconds <= 0 || leftSeconds > 86_400)
    throw new Error('the token has lapsed, or holds for too long');
  if (!/^(mailto:|https:)/.test(claims.sub)) throw new Error('nobody is named to turn to');
  return { claims, publicKey };
}

/** RFC 8291 §3.4 and RFC 8188 §2: one record of aes128gcm. */
function decrypt(body: Buffer, { ecdh, auth }: { ecdh: ECDH; auth: Buffer }): Buffer {
  const salt = body.subarray(0, 16);
  const recordSize = body.readUInt32BE(16);
  const keyLength = body[20] ?? 0;
  if (keyLength !== 65) throw new Error('the key of the sender is no uncompressed point');
  const senderKey = body.subarray(21, 86);
  const record = body.subarray(86);
  if (record.length > recordSize) throw new Error('there is more than one record (RFC 8291 §4)');
  const keyInfo = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), senderKey]);
  const secret = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(senderKey), auth, keyInfo, 32));
  const key = Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16));
  const nonce = Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12));
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  // RFC 8188 §2: the last record ends with 2 and zeros.
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end -= 1;
  if (padded[end] !== 2) throw new Error('the last record does not say so');
  return padded.subarray(0, end);
}
