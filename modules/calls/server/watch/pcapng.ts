import { isIPv4, isIPv6 } from 'node:net';

/** One SIP message of a capture. */
export interface CapturedMessage {
  readonly at: Date;
  readonly direction: 'in' | 'out';
  readonly protocol: string;
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  readonly message: string;
}

/** One RTP packet of a capture, of which everything after its header was left out. */
export interface CapturedPacket {
  /** Milliseconds since 1970, with fractions. */
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  /** Of the whole packet. */
  readonly bytes: number;
  readonly header: Buffer;
}

/**
 * A pcapng file (draft-ietf-opsawg-pcapng): each message as one UDP packet that never was, so that what came over TLS or a
 * WebSocket is read like any other; the comment of a packet says how it really came. Our side always has port 5060, by which
 * programs know SIP; messages longer than a datagram are cut. RTP packets have their own ports and their true length, and are cut
 * after their headers, as where a program was told to capture so much of each. All in the order of time.
 */
export function* createPcapng(
  messages: readonly CapturedMessage[],
  note: string,
  packets: readonly CapturedPacket[] = [],
): Generator<Buffer> {
  yield block(0x0a0d0d0a, [
    u32(0x1a2b3c4d),
    u16(1),
    u16(0),
    // Length of the section: not said.
    Buffer.alloc(8, 0xff),
    option(1, Buffer.from(note)),
    option(4, Buffer.from('Liaison')),
    endOfOptions,
  ]);
  // LINKTYPE_RAW (101): packets begin with their IP header. Timestamps are in microseconds, the default.
  yield block(1, [u16(101), u16(0), u32(0)]);
  let at = 0;
  for (const message of messages) {
    for (; at < packets.length && packets[at]!.atMs < message.at.getTime(); at++)
      yield cutPacket(packets[at]!);
    const payload = Buffer.from(message.message).subarray(0, maxPayloadBytes);
    const packet = packetOf({ ...message, local: { ...message.local, port: 5060 } }, payload);
    const comment = `${message.protocol.toUpperCase()}, ${message.direction === 'in' ? 'received' : 'sent'}; our port ${message.local.port}`;
    yield packetBlock(message.at.getTime(), packet, packet.length, option(1, Buffer.from(comment)));
  }
  for (; at < packets.length; at++) yield cutPacket(packets[at]!);
}

function packetBlock(atMs: number, packet: Buffer, length: number, comment: Buffer): Buffer {
  const micros = BigInt(Math.round(atMs * 1000));
  return block(6, [
    u32(0),
    u32(Number(micros >> 32n)),
    u32(Number(micros & 0xffffffffn)),
    u32(packet.length),
    u32(length),
    padded(packet),
    ...(comment.length > 0 ? [comment, endOfOptions] : []),
  ]);
}

/** Its checksum is that of zeros in the place of what was left out. */
function cutPacket(packet: CapturedPacket): Buffer {
  const { atMs, bytes, header } = packet;
  const payload = Buffer.alloc(Math.max(bytes, header.length));
  header.copy(payload);
  const whole = packetOf(packet, payload);
  const cut = whole.subarray(0, whole.length - payload.length + header.length);
  return packetBlock(atMs, cut, whole.length, Buffer.alloc(0));
}

const maxPayloadBytes = 65_000;

function packetOf(
  { direction, local, remote }: Pick<CapturedMessage, 'direction' | 'local' | 'remote'>,
  payload: Buffer,
): Buffer {
  const [from, to] = direction === 'in' ? [remote, local] : [local, remote];
  const isSix = isIPv6(from.address) || isIPv6(to.address);
  const source = isSix ? sixBytes(from.address) : fourBytes(from.address);
  const destination = isSix ? sixBytes(to.address) : fourBytes(to.address);
  const udp = Buffer.concat([u16be(from.port), u16be(to.port), u16be(payload.length + 8), u16be(0), payload]);
  // The checksum covers a pseudo header of addresses, protocol and length; 0 is sent as all ones.
  const pseudo = Buffer.concat([source, destination, Buffer.from([0, 17]), u16be(udp.length)]);
  udp.writeUInt16BE(checksum(Buffer.concat([pseudo, udp])) || 0xffff, 6);
  if (isSix) {
    return Buffer.concat([
      Buffer.from([0x60, 0, 0, 0]),
      u16be(udp.length),
      Buffer.from([17, 64]),
      source,
      destination,
      udp,
    ]);
  }
  const header = Buffer.concat([
    Buffer.from([0x45, 0]),
    u16be(20 + udp.length),
    Buffer.from([0, 0, 0x40, 0, 64, 17, 0, 0]),
    source,
    destination,
  ]);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, udp]);
}

/** As IP has it: the ones' complement of the ones' complement sum of all 16-bit words. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function fourBytes(address: string): Buffer {
  const bare = address.replace(/^::ffff:/i, '');
  return isIPv4(bare) ? Buffer.from(bare.split('.').map(Number)) : Buffer.alloc(4);
}

function sixBytes(address: string): Buffer {
  const bare = address.replace(/%.*$/, '');
  if (isIPv4(bare)) return Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), fourBytes(bare)]);
  if (!isIPv6(bare)) return Buffer.alloc(16);
  const [head = '', tail] = bare.includes('.')
    ? [`${bare.slice(0, bare.lastIndexOf(':'))}:`, undefined]
    : bare.split('::');
  const words = (text: string): number[] =>
    text === ''
      ? []
      : text
          .split(':')
          .filter(Boolean)
          .map((word) => Number.parseInt(word, 16));
  if (bare.includes('.')) {
    const last = bare.slice(bare.lastIndexOf(':') + 1);
    return Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), fourBytes(last)]);
  }
  const [first, rest] = [words(head), tail === undefined ? [] : words(tail)];
  const all = [...first, ...Array<number>(Math.max(0, 8 - first.length - rest.length)).fill(0), ...rest];
  return Buffer.concat(all.slice(0, 8).map((word) => u16be(word & 0xffff)));
}

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u16be = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value & 0xffff);
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
const option = (code: number, value: Buffer): Buffer =>
  Buffer.concat([u16(code), u16(value.length), padded(value)]);
const endOfOptions = u32(0);

function block(type: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(type), u32(body.length + 12), body, u32(body.length + 12)]);
}
