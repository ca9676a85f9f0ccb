import { openRtpSocket, type PortPool, type RtpSocket } from '@liaison/rtp';
import {
  type AudioCodec,
  type CodecName,
  type Direction,
  type LocalSession,
  offeredFormats,
  pick,
  SdpError,
  type TelephoneAudio,
  type TelephoneEvents,
  writeTelephoneAnswer,
  writeTelephoneOffer,
} from '@liaison/sdp';
import { createEndCore, type EndOptions, type MediaEnd, statsOf } from './end.ts';
import type { EndState } from './media.ts';

/** A telephone or trunk on plain RTP. */
export interface RtpEnd extends MediaEnd {
  readonly kind: 'rtp';
  offer(codecs: readonly CodecName[], direction: Direction, ptimeMs: number | undefined): string;
  /** The answer to our offer. Throws `SdpError`. */
  accept(answer: TelephoneAudio, signalledFrom: string): CodecName;
  /** Answers with the first of these codecs that it offers. Throws `SdpError`, changing nothing. */
  answer(
    offer: TelephoneAudio,
    signalledFrom: string,
    codecs: readonly CodecName[],
    direction: Direction,
    ptimeMs: number | undefined,
  ): { answer: string; codec: CodecName };
}

export interface RtpNetwork {
  ports: PortPool;
  bind: string;
  /** IP address for our SDP. */
  advertise: string;
}

/** Rejects with `NoPortFreeError`. `close()` ends it. */
export async function createRtpEnd(network: RtpNetwork, options: EndOptions): Promise<RtpEnd> {
  const core = createEndCore();
  let state: EndState = 'new';
  let offered: readonly CodecName[] = [];
  let remote: TelephoneAudio | undefined;
  let version = 0;

  function setState(next: EndState) {
    if (next === state || state === 'closed') return;
    state = next;
    options.onState(state);
  }

  /** One packet that we do not survive must not end the calls of all the others in this process. */
  const guarded = (handle: (datagram: Buffer) => void) => (datagram: Buffer) => {
    try {
      handle(datagram);
    } catch (error) {
      options.onError(error);
    }
  };

  const socket: RtpSocket = await openRtpSocket({
    ports: network.ports,
    bind: network.bind,
    onRtp: guarded((datagram) => {
      if (state === 'new') setState('connected');
      core.receive(datagram, end.target);
    }),
    onRtcp: guarded((datagram) => core.receiveRtcp(datagram)),
  });

  function local(direction: Direction, ptimeMs: number | undefined): LocalSession {
    version += 1;
    return {
      sessionId: core.outgoing.ssrc,
      version,
      address: network.advertise,
      port: socket.port,
      direction,
      ...(ptimeMs === undefined ? {} : { ptimeMs }),
    };
  }

  /** The other side is known: send there, and hear whom it may be. */
  function reach(audio: TelephoneAudio, from: string, codec: AudioCodec, events: readonly TelephoneEvents[]) {
    remote = audio;
    core.expectFormats(audio);
    core.agree(codec.name, codec.payloadType, events);
    const { address, port, rtcp, rtcpMux } = audio;
    const rtcpAddress = rtcp?.address ?? address;
    socket.expect({
      rtp: address === undefined ? undefined : { address, port },
      ...(rtcp && rtcpAddress !== undefined ? { rtcp: { address: rtcpAddress, port: rtcp.port } } : {}),
      rtcpMux,
      allowed: [from],
      payloadTypes: core.payloadTypes(),
    });
    core.start(
      (datagram) => socket.sendRtcp(datagram),
      (isSilent) => {
        if (state !== 'new') setState(isSilent ? 'disconnected' : 'connected');
      },
    );
  }

  const end: RtpEnd = {
    kind: 'rtp',
    get state() {
      return state;
    },
    get offered() {
      return offered;
    },
    get codec() {
      return core.codec;
    },
    get ptimeMs() {
      return remote?.ptimeMs;
    },
    target: undefined,

    offer(codecs, direction, ptimeMs) {
      offered = codecs;
      core.expectFormats(offeredFormats(codecs));
      return writeTelephoneOffer(local(direction, ptimeMs), codecs);
    },
    accept(answer, signalledFrom) {
      if (offered.length === 0) throw new SdpError('bad-sdp', 'An answer to an offer that was not made');
      // The answerer's order is its preference (RFC 3264 §6.1); only what we offered counts.
      const names = answer.codecs.map((codec) => codec.name).filter((name) => offered.includes(name));
      const { codec } = pick(answer, names);
      reach(answer, signalledFrom, codec, answer.telephoneEvents);
      return codec.name;
    },
    answer(offer, signalledFrom, codecs, direction, ptimeMs) {
      const { codec, telephoneEvents } = pick(offer, codecs);
      offered = offer.codecs.map((known) => known.name);
      reach(offer, signalledFrom, codec, telephoneEvents);
      return {
        answer: writeTelephoneAnswer(local(direction, ptimeMs), offer, codec, telephoneEvents),
        codec: codec.name,
      };
    },

    play({ format, packet, datagram, nowMs }) {
      const isHolding = remote?.direction === 'sendonly' || remote?.direction === 'inactive';
      if (isHolding || !socket.canSend) {
        core.outgoing.interrupt(); // what is not sent leaves no gap
        return true;
      }
      const out = core.outgoing.write(format, packet, datagram, nowMs);
      if (!out) return false;
      if (socket.send(out)) {
        core.sent.packets += 1;
        core.sent.bytes += packet.payload.length;
      }
      return true;
    },
    interrupt: () => core.outgoing.interrupt(),
    stats: () => ({ kind: 'rtp', state, refused: socket.refused, ...statsOf(core) }),
    close() {
      if (state === 'closed') return;
      core.stop();
      if (remote) socket.sendRtcp(core.outgoing.rtcp.bye(performance.now()));
      state = 'closed';
      end.target = undefined;
      socket.close();
    },
  };
  return end;
}
