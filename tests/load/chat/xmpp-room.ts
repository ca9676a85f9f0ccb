import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { findMarkers, textOf } from './marker.ts';
import type { Room } from './room.ts';

const parallel = 20;
/** One name for all: the measured server listens on the loopback alone. */
export const xmppDomain = 'localhost';
export const mucDomain = `rooms.${xmppDomain}`;

/** Occupants of a multi-user chat room (XEP-0045), one TCP stream each. */
export async function openXmppRoom(options: { port: number; room: string; size: number }): Promise<Room> {
  const { port, room, size } = options;
  let received: (member: number, number: number) => void = () => {};
  const echoes = new Map<number, () => void>();
  const sockets: Socket[] = [];
  const open = async (member: number) => {
    sockets[member] = await openOccupant({
      port,
      room,
      nick: `n${member}`,
      user: `${room}-${member}`,
      found: (number) => {
        if (number % size === member) echoes.get(number)?.();
        received(member, number);
      },
    });
  };
  // The first one makes the room; others who came at the same time would find it locked.
  await open(0);
  for (let from = 1; from < size; from += parallel) {
    await Promise.all(Array.from({ length: Math.min(parallel, size - from) }, (_, at) => open(from + at)));
  }
  return {
    size,
    onReceived(handler) {
      received = handler;
    },
    // A groupchat message is acknowledged by its reflection to the sender (XEP-0045 §7.4).
    send(member, number) {
      const key = number;
      return new Promise((resolve) => {
        echoes.set(key, () => {
          echoes.delete(key);
          resolve();
        });
        sockets[member]!.write(
          `<message to='${room}@${mucDomain}' type='groupchat' id='i${number}'><body>${textOf(number)}</body></message>`,
        );
      });
    },
    close() {
      for (const socket of sockets) socket?.destroy();
    },
  };
}

async function openOccupant(options: {
  port: number;
  room: string;
  nick: string;
  user: string;
  found: (number: number) => void;
}): Promise<Socket> {
  const socket = connect(options.port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  let text = '';
  let waiting: { for: RegExp; resolve(): void; reject(error: Error): void } | undefined;
  let rest: Buffer = Buffer.alloc(0);
  let joined = false;
  const end = (error: Error) => waiting?.reject(error);
  socket.on('error', end);
  socket.on('close', () => end(new Error(`the stream of ${options.user} was closed: ${text.slice(-500)}`)));
  socket.on('data', (chunk: Buffer) => {
    if (joined) {
      rest = findMarkers(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), options.found);
      return;
    }
    text += String(chunk);
    if (waiting && /<failure|<stream:error|type='error'/.test(text)) end(new Error(text.slice(-500)));
    if (waiting?.for.test(text)) {
      text = '';
      waiting.resolve();
    }
  });
  const ask = (line: string, expected: RegExp) =>
    new Promise<void>((resolve, reject) => {
      waiting = { for: expected, resolve, reject };
      socket.write(line);
    });
  const header = `<?xml version='1.0'?><stream:stream to='${xmppDomain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;
  const plain = Buffer.from(`\0${options.user}\0secret`).toString('base64');
  await ask(header, /<\/stream:features>/);
  await ask(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`, /<success/);
  await ask(header, /<\/stream:features>/);
  await ask(
    `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>`,
    /<iq [^>]*type='result'/,
  );
  // XEP-0045 §7.2.2: the presence with status 110 is one's own and comes last.
  await ask(
    `<presence to='${options.room}@${mucDomain}/${options.nick}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`,
    /code='110'/,
  );
  waiting = undefined;
  text = '';
  joined = true;
  return socket;
}
