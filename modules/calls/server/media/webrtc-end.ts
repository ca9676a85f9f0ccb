import {
  type AudioCodec,
  type BrowserAudio,
  type CodecName,
  type LocalAudio,
  type LocalTransport,
  pick,
  type TelephoneEvents,
  writeBrowserAnswer,
} from '@liaison/sdp';
import { createSecurePipe, type SecurePipeOptions } from '@liaison/webrtc';
import { createEndCore, type EndOptions, type MediaEnd, statsOf } from './end.ts';
import type { EndState, WebrtcAnswer } from './media.ts';

/** A browser behind a secure pipe. */
export interface WebrtcEnd extends MediaEnd {
  readonly kind: 'webrtc';
  /** Whether this offer comes from the same peer connection: then `answer` only negotiates codecs again. */
  continues(offer: BrowserAudio): boolean;
  /** Answers with the first of these that it offers. Throws `SdpError` `no-common-codec`, changing nothing. */
  answer(
    offer: BrowserAudio,
    codecs: readonly CodecName[],
    ptimeMs: number | undefined,
  ): Promise<WebrtcAnswer>;
}

export type WebrtcNetwork = Pick<SecurePipeOptions, 'bind' | 'advertise' | 'udp'>;

/** `close()` ends it. */
export function createWebrtcEnd(name: string, network: WebrtcNetwork, options: EndOptions): WebrtcEnd {
  const core = createEndCore();
  let state: EndState = 'new';
  let offered: readonly CodecName[] = [];
  let remote: BrowserAudio | undefined;
  let transport: LocalTransport | undefined;
  let version = 0;

  function setState(next: EndState) {
    if (next === state || state === 'closed') return;
    state = next;
    options.onState(state);
  }

  const pipe = createSecurePipe({
    ...network,
    name,
    onRtp: (datagram) => core.receive(datagram, end.target),
    onRtcp: (datagram) => core.receiveRtcp(datagram),
    onState(next) {
      if (next === 'connecting') return;
      setState(next);
      if (next === 'connected')
        core.start(
          (datagram) => pipe.send(datagram),
          (isSilent) => {
            if (pipe.state === 'connected') setState(isSilent ? 'disconnected' : 'connected');
          },
        );
    },
    onError: options.onError,
  });

  const end: WebrtcEnd = {
    kind: 'webrtc',
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

    continues(offer) {
      const before = remote?.transport;
      const now = offer.transport;
      return (
        before !== undefined &&
        state !== 'failed' &&
        state !== 'closed' &&
        before.ufrag === now.ufrag &&
        before.pwd === now.pwd &&
        before.fingerprint.value === now.fingerprint.value
      );
    },

    async answer(offer, codecs, ptimeMs) {
      const { codec, telephoneEvents }: { codec: AudioCodec; telephoneEvents: TelephoneEvents[] } = pick(
        offer,
        codecs,
      );
      transport ??= await pipe.answer(offer.transport);
      remote = offer;
      offered = offer.codecs.map((known) => known.name);
      core.expectFormats({ codecs: [codec], telephoneEvents });
      core.agree(codec.name, codec.payloadType, telephoneEvents);
      version += 1;
      const local: LocalAudio = {
        transport,
        codecs: [codec],
        telephoneEvents,
        direction: 'sendrecv',
        sessionId: core.outgoing.ssrc,
        version,
        ssrc: core.outgoing.ssrc,
        cname: core.outgoing.cname,
        ...(ptimeMs === undefined ? {} : { ptimeMs }),
      };
      return { answer: writeBrowserAnswer(offer, local), codec: codec.name };
    },

    play({ format, packet, datagram, nowMs }) {
      if (pipe.state !== 'connected') {
        core.outgoing.interrupt(); // what is not sent leaves no gap
        return true;
      }
      const out = core.outgoing.write(format, packet, datagram, nowMs);
      if (!out) return false;
      if (pipe.send(out)) {
        core.sent.packets += 1;
        core.sent.bytes += packet.payload.length;
      }
      return true;
    },
    interrupt: () => core.outgoing.interrupt(),
    stats: () => ({ kind: 'webrtc', state, refused: pipe.flooded, ...statsOf(core) }),
    close() {
      if (state === 'closed') return;
      core.stop();
      if (state === 'connected') pipe.send(core.outgoing.rtcp.bye(performance.now()));
      state = 'closed';
      end.target = undefined;
      pipe.close();
    },
  };
  return end;
}
