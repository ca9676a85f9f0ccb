import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { createContinuation, ssrcOf } from './continuation.ts';
import { createLatch, type Latch, plainAddress, type SocketAddress } from './latch.ts';
import { NoPortFreeError, type PortPool } from './port-pool.ts';
import { isRtcp, RTP_HEADER_BYTES, RTP_MAX_BYTES } from './rtp-packet.ts';
import type { BoundPair, SparePairs } from './spare-pairs.ts';
import type { SrtpReceiver, SrtpSender } from './srtp/srtp.ts';

/** Pairs to try when others on the machine sit on ports of the range. */
const MAX_BIND_TRIES = 64;

export interface RtpRemote {
  /** What its SDP says; `undefined` while it wants nothing. */
  rtp: SocketAddress | undefined;
  /** RFC 3605; default: the port after RTP's. */
  rtcp?: SocketAddress | undefined;
  /** RFC 5761: RTCP on RTP's port. */
  rtcpMux: boolean;
  /** Further addresses that may send, such as the one its signalling came from. */
  allowed: readonly string[];
  /** Payload types agreed on: nothing else is latched. */
  payloadTypes: ReadonlySet<number>;
  /** What goes out is protected, and nothing else than what proves itself comes in or is latched. */
  srtp?: { sender: SrtpSender; receiver: SrtpReceiver };
  /** DTLS gives the keys (RFC 5764): what flows on RTP's port is handed on as it is. */
  dtls?: DtlsTunnel;
  /** The same on RTCP's own port, where there is one: another association (RFC 5764 §4.1). */
  rtcpDtls?: DtlsTunnel;
}

export interface DtlsTunnel {
  /** DTLS, SRTP and multiplexed SRTCP of the latched source, or DTLS of several; the buffer is the receiver's to keep. */
  deliver(datagram: Buffer, from: SocketAddress): void;
  /**
   * Asked for each datagram. While it says so nobody is latched: DTLS of all allowed addresses is handed on, and whoever owns the
   * tunnel says by `fix` who it was.
   */
  isContested(): boolean;
  /**
   * Only what SDP names, address and port, is heard: right where no NAT stands between. A ClientHello of anybody else who
   * is first would take DTLS over, or end it (the race of CVE-2023-49786). Otherwise a handshake from the allowed addresses
   * latches as RTP does, where it is not contested.
   */
  exactSource: boolean;
}

export interface RtpSocket {
  /** The local RTP port; RTCP is on the next one. */
  readonly port: number;
  /** Whether a valid packet has fixed the other side's address. */
  isLatched(): boolean;
  /** Whether there is somewhere to send RTP to. */
  canSend(): boolean;
  /** Datagrams from unexpected places, malformed or too large. */
  refused(): number;
  /** From now on this is the other side; before, everything is refused. */
  expect(remote: RtpRemote): void;
  /** False when there is nowhere to send yet. Errors of the network are the other side's silence: not thrown. */
  send(datagram: Uint8Array): boolean;
  sendRtcp(datagram: Uint8Array): boolean;
  /** As it is: for DTLS and what was protected elsewhere. `to`: not to the other side, but to who may be it. */
  transmit(datagram: Uint8Array, to?: SocketAddress): boolean;
  transmitRtcp(datagram: Uint8Array, to?: SocketAddress): boolean;
  /** The other side proved that it is there. */
  fix(source: SocketAddress): void;
  fixRtcp(source: SocketAddress): void;
  /** Closes both sockets and gives the ports back. Safe to call twice. */
  close(): void;
}

export interface RtpSocketOptions {
  ports: PortPool;
  /** Local address to listen on. */
  bind: string;
  /** Pairs of these ports at this address that are bound already; what is closed goes there. */
  spare?: SparePairs;
  /** A valid RTP datagram of the latched source; the buffer is the receiver's to change. */
  onRtp(datagram: Buffer): void;
  onRtcp(datagram: Buffer): void;
  /** For tests; milliseconds of a monotonic clock. */
  now?: () => number;
}

function bindOne(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const family = isIPv6(address) ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      // Only IP addresses reach us: no lookup per packet, and what is sent before a close still leaves.
      lookup: (numeric, _options, done) => done(null, numeric, family),
    });
    const failed = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once('error', failed);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

const isInUse = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');

/** Binds a pair; a pair that somebody else holds is skipped and given back. */
async function bindPair(ports: PortPool, address: string): Promise<BoundPair> {
  const skipped: number[] = [];
  try {
    for (let attempt = 0; ; attempt++) {
      const taken = ports.take();
      let first: Socket | undefined;
      try {
        first = await bindOne(address, taken);
        const { port } = first.address();
        // RFC 3550 §11: RTP even, RTCP the next one. "Any free port" may well be odd: then the one before it is asked for.
        const second = await bindOne(address, port % 2 === 1 ? port - 1 : port + 1);
        const [rtp, rtcp] = port % 2 === 1 ? [second, first] : [first, second];
        // ICMP errors arrive here; the other side may only not be listening yet.
        for (const socket of [rtp, rtcp]) socket.on('error', () => {});
        return { rtp, rtcp, port: port - (port % 2), taken };
      } catch (error) {
        first?.close();
        skipped.push(taken);
        if (!isInUse(error) || attempt >= MAX_BIND_TRIES) throw error;
      }
    }
  } finally {
    for (const port of skipped) ports.give(port);
  }
}

async function pairFor({ ports, bind, spare }: RtpSocketOptions): Promise<BoundPair> {
  const rested = spare?.take();
  if (rested) return rested;
  try {
    return await bindPair(ports, bind);
  } catch (error) {
    const hurried = error instanceof NoPortFreeError ? spare?.take(true) : undefined;
    if (!hurried) throw error;
    return hurried;
  }
}

/** Opens a pair of UDP sockets. Rejects with `NoPortFreeError`, or the system's error. `close()` ends it. */
export async function openRtpSocket(options: RtpSocketOptions): Promise<RtpSocket> {
  const { ports, spare, onRtp, onRtcp, now = () => performance.now() } = options;
  const pair = await pairFor(options);
  const { rtp, rtcp, port } = pair;
  const latch = createLatch();
  const rtcpLatch = createLatch();
  const continuation = createContinuation();
  let remote: RtpRemote | undefined;
  let rtcpPlace: SocketAddress | undefined;
  let closed = false;
  let malformed = 0;
  /** Of the RTP that was last taken. */
  let heardSsrc: number | undefined;

  const isExpected = (datagram: Buffer) =>
    datagram.length >= RTP_HEADER_BYTES &&
    datagram[0]! >> 6 === 2 &&
    remote?.payloadTypes.has(datagram[1]! & 0x7f) === true;

  /** RFC 7983 §7: DTLS begins with 20 to 63, SRTP and SRTCP with 128 to 191. Only a handshake (22) latches. */
  function receiveSealed(
    datagram: Buffer,
    from: SocketAddress,
    dtls: DtlsTunnel,
    latch: Latch,
    place: SocketAddress | undefined,
  ) {
    const first = datagram[0] ?? 0;
    const isDtls = first >= 20 && first <= 63;
    const isMedia = first >= 128 && first <= 191 && datagram.length >= RTP_HEADER_BYTES;
    const isPlace =
      place !== undefined && from.port === place.port && plainAddress(from.address) === place.address;
    if (dtls.isContested()) {
      if (isDtls && latch.mayAccept(from, now())) dtls.deliver(datagram, from);
      else malformed += 1;
      return;
    }
    const isHeard =
      (isDtls || isMedia) &&
      (latch.latched || first === 22) &&
      (isPlace || !dtls.exactSource) &&
      latch.accepts(from, now());
    if (isHeard) dtls.deliver(datagram, from);
    else malformed += 1;
  }

  function receive(datagram: Buffer, from: SocketAddress) {
    if (!remote || datagram.length > RTP_MAX_BYTES) {
      malformed += 1;
    } else if (remote.dtls) {
      receiveSealed(datagram, from, remote.dtls, latch, remote.rtp);
    } else if (isRtcp(datagram)) {
      if (remote.rtcpMux) receiveMuxed(datagram, from, remote);
      else malformed += 1;
    } else if (!isExpected(datagram)) {
      malformed += 1;
    } else if (remote.srtp) {
      const nowMs = now();
      // Where nothing could be latched nothing needs to be proven: a flood costs the least.
      const plain = latch.mayAccept(from, nowMs) ? remote.srtp.receiver.unprotectRtp(datagram) : undefined;
      if (plain && latch.accepts(from, nowMs)) take(plain);
      else malformed += 1;
    } else {
      const nowMs = now();
      if (latch.accepts(from, nowMs)) {
        continuation.heard(datagram, nowMs);
        take(datagram);
      } else if (latch.latched && continuation.proves(datagram, from, nowMs)) {
        latch.follow(from, nowMs);
        rtcpLatch.allow(from.address);
        take(datagram);
      }
    }
  }

  function take(datagram: Buffer) {
    heardSsrc = ssrcOf(datagram); // before the receiver changes it
    onRtp(datagram);
  }

  /**
   * Reports are seconds apart, so silence tells nothing: another port than the expected one (a NAT) must name the source
   * whose RTP we hear. Otherwise any program of the same address would get our reports.
   */
  const isReporter = (datagram: Buffer, from: SocketAddress) =>
    from.port === rtcpLatch.target?.port || datagram.readUInt32BE(4) === heardSsrc;

  /** RTCP never latches: only what is proven, or comes from the address of RTP, is heard. */
  function receiveMuxed(datagram: Buffer, from: SocketAddress, { srtp }: RtpRemote) {
    const plain = srtp
      ? srtp.receiver.unprotectRtcp(datagram)
      : latch.target?.address === plainAddress(from.address)
        ? datagram
        : undefined;
    if (plain) onRtcp(plain);
    else malformed += 1;
  }

  function receiveOnSecond(datagram: Buffer, from: SocketAddress) {
    if (!remote || datagram.length > RTP_MAX_BYTES) {
      malformed += 1;
    } else if (remote.rtcpDtls && !remote.rtcpMux) {
      receiveSealed(datagram, from, remote.rtcpDtls, rtcpLatch, rtcpPlace);
    } else if (remote.dtls || !isRtcp(datagram)) {
      malformed += 1;
    } else if (!remote.srtp) {
      if (isReporter(datagram, from) && rtcpLatch.accepts(from, now())) onRtcp(datagram);
      else malformed += 1;
    } else {
      const plain = remote.srtp.receiver.unprotectRtcp(datagram);
      if (plain && rtcpLatch.accepts(from, now())) onRtcp(plain);
      else malformed += 1;
    }
  }

  rtp.on('message', receive);
  rtcp.on('message', receiveOnSecond);

  function sendTo(socket: Socket, datagram: Uint8Array, target: SocketAddress | undefined): boolean {
    if (closed || !target) return false;
    // Without a callback: it would cost as much again as the send. Errors come as events, and are nobody's.
    socket.send(datagram, target.port, target.address);
    return true;
  }

  return {
    port,
    isLatched: () => latch.latched,
    canSend: () => !closed && remote?.rtp !== undefined && latch.target !== undefined,
    refused: () => latch.refused + rtcpLatch.refused + malformed,
    expect(next) {
      remote = next;
      rtcpPlace =
        next.rtcp ??
        (next.rtp && next.rtp.port < 65535 ? { ...next.rtp, port: next.rtp.port + 1 } : undefined);
      const isProven = next.srtp !== undefined;
      latch.expect(next.rtp, next.allowed, isProven);
      rtcpLatch.expect(rtcpPlace, next.allowed, isProven);
    },
    send(datagram) {
      const target = remote?.rtp ? latch.target : undefined;
      if (!target) return false;
      const out = remote?.srtp ? remote.srtp.sender.protectRtp(datagram) : datagram;
      return out !== undefined && sendTo(rtp, out, target);
    },
    sendRtcp(datagram) {
      const out = remote?.srtp ? remote.srtp.sender.protectRtcp(datagram) : datagram;
      if (!out || !remote?.rtp) return false;
      return remote.rtcpMux ? sendTo(rtp, out, latch.target) : sendTo(rtcp, out, rtcpLatch.target);
    },
    transmit: (datagram, to) => sendTo(rtp, datagram, to ?? (remote?.rtp ? latch.target : undefined)),
    transmitRtcp: (datagram, to) =>
      sendTo(rtcp, datagram, to ?? (remote?.rtp ? rtcpLatch.target : undefined)),
    fix: (source) => latch.follow(source, now()),
    fixRtcp: (source) => rtcpLatch.follow(source, now()),
    close() {
      if (closed) return;
      closed = true;
      rtp.off('message', receive);
      rtcp.off('message', receiveOnSecond);
      if (spare) {
        spare.give(pair);
        return;
      }
      rtp.close();
      rtcp.close();
      ports.give(pair.taken);
    },
  };
}
