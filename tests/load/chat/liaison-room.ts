import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { findMarkers, textOf } from './marker.ts';
import type { Room } from './room.ts';

/** Opened at once; more would only stand in the server's queue. */
const parallel = 20;

/** Members of a conversation as pages: a live socket each, messages by HTTP POST. */
export async function openLiaisonRoom(options: {
  url: string;
  conversationId: string;
  cookies: readonly string[];
}): Promise<Room> {
  const { url, conversationId, cookies } = options;
  const { hostname, port, host } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let received: (member: number, number: number) => void = () => {};
  const sockets: Socket[] = [];
  for (let from = 0; from < cookies.length; from += parallel) {
    await Promise.all(
      cookies.slice(from, from + parallel).map(async (cookie, offset) => {
        const member = from + offset;
        sockets.push(
          await openPage({
            hostname,
            port: Number(port),
            host,
            cookie,
            found: (number) => received(member, number),
          }),
        );
      }),
    );
  }
  return {
    size: cookies.length,
    onReceived(handler) {
      received = handler;
    },
    send: (member, number) =>
      new Promise((resolve, reject) => {
        const body = JSON.stringify({ clientKey: randomUUID(), body: textOf(number) });
        const post = request(
          `${url}/api/v1/chat/conversations/${conversationId}/messages`,
          {
            agent,
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
              'sec-fetch-site': 'same-origin',
              cookie: cookies[member]!,
            },
          },
          (answer) => {
            answer.resume();
            answer.once('end', () =>
              answer.statusCode === 200 ? resolve() : reject(new Error(`answered ${answer.statusCode}`)),
            );
          },
        );
        post.once('error', reject);
        post.end(body);
      }),
    close() {
      agent.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A WebSocket (RFC 6455) that reads frames just far enough to find numbers and to answer pings. */
async function openPage(options: {
  hostname: string;
  port: number;
  host: string;
  cookie: string;
  found: (number: number) => void;
}): Promise<Socket> {
  const socket = connect(options.port, options.hostname);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  socket.write(
    `GET /api/v1/live HTTP/1.1\r\nhost: ${options.host}\r\norigin: http://${options.host}\r\n` +
      'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
      `sec-websocket-key: ${randomBytes(16).toString('base64')}\r\ncookie: ${options.cookie}\r\n\r\n`,
  );
  let welcome: (() => void) | undefined;
  let refused: ((error: Error) => void) | undefined;
  const welcomed = new Promise<void>((resolve, reject) => {
    welcome = resolve;
    refused = reject;
  });
  let rest: Buffer = Buffer.alloc(0);
  let upgraded = false;
  socket.on('error', (error) => refused?.(error));
  socket.on('close', () => refused?.(new Error('the live socket was closed')));
  socket.on('data', (chunk: Buffer) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (!upgraded) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) {
        rest = bytes;
        return;
      }
      if (!bytes.toString('latin1', 0, 12).endsWith('101')) {
        refused?.(new Error(bytes.toString('latin1', 0, end).split('\r\n', 1)[0]));
        return;
      }
      upgraded = true;
      bytes = bytes.subarray(end + 4);
      // The position of each space is not sent: it begins where the server is.
      socket.write(frame(0x1, Buffer.from(JSON.stringify({ t: 'hello', v: 1, positions: {} }))));
    }
    for (;;) {
      const head = headOf(bytes);
      if (!head || bytes.length < head.from + head.length) break;
      const payload = bytes.subarray(head.from, head.from + head.length);
      bytes = bytes.subarray(head.from + head.length);
      // RFC 6455 §5.5.3: a ping is answered with its own data.
      if (head.opcode === 0x9) socket.write(frame(0xa, payload));
      else if (head.opcode === 0x1) {
        if (welcome && payload.includes('"t":"welcome"')) {
          welcome();
          welcome = undefined;
        }
        findMarkers(payload, options.found);
      }
    }
    rest = bytes;
  });
  await welcomed;
  return socket;
}

/** RFC 6455 §5.2; a server's frames are not masked. */
function headOf(bytes: Buffer): { opcode: number; from: number; length: number } | null {
  if (bytes.length < 2) return null;
  const opcode = bytes[0]! & 0x0f;
  const short = bytes[1]! & 0x7f;
  if (short < 126) return { opcode, from: 2, length: short };
  if (short === 126) return bytes.length < 4 ? null : { opcode, from: 4, length: bytes.readUInt16BE(2) };
  return bytes.length < 10 ? null : { opcode, from: 10, length: Number(bytes.readBigUInt64BE(2)) };
}

/** A client's frame is masked (RFC 6455 §5.3); ours are all shorter than 126 bytes. */
function frame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((byte, at) => byte ^ mask[at % 4]!));
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, masked]);
}
