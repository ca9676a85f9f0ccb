import {
  type BrowserAudio,
  type CodecName,
  type LocalAudio,
  type LocalTransport,
  pick,
  writeBrowserAnswer,
} from '@liaison/sdp';
import { createSecurePipe, type SecurePipeOptions } from '@liaison/webrtc';
import { createEndCore, type EndCore, type EndOptions, type MediaEnd } from './end.ts';
import type { WebrtcAnswer } from './media.ts';

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
  let remote: BrowserAudio | undefined;
  let transport: LocalTransport | undefined;
  let version = 0;

  const pipe = createSecurePipe({
    ...network,
    name,
    onRtp: (datagram) => core.receive(datagram),
    onRtcp: (datagram) => core.receiveRtcp(datagram),
    onState(next) {
      if (next === 'connecting') return;
      core.setState(next);
      if (next === 'connected')
        core.start((isSilent) => {
          if (pipe.state === 'connected') core.setState(isSilent ? 'disconnected' : 'connected');
        });
    },
    onError: options.onError,
  });
  const core: EndCore<'webrtc'> = createEndCore(
    'webrtc',
    {
      canPlay: () => pipe.state === 'connected',
      send: (datagram) => pipe.send(datagram),
      sendRtcp: (datagram) => void pipe.send(datagram),
      canSayBye: () => pipe.state === 'connected',
      stats: () => ({ refused: pipe.flooded, srtp: 'DTLS' }),
      close: () => pipe.close(),
    },
    options,
  );

  return Object.assign(core, {
    continues(offer: BrowserAudio) {
      const before = remote?.transport;
      const now = offer.transport;
      return (
        before !== undefined &&
        core.state !== 'failed' &&
        core.state !== 'closed' &&
        before.ufrag === now.ufrag &&
        before.pwd === now.pwd &&
        before.fingerprint.value === now.fingerprint.value
      );
    },

    async answer(offer: BrowserAudio, codecs: readonly CodecName[], ptimeMs: number | undefined) {
      const { codec, telephoneEvents } = pick(offer, codecs);
      transport ??= await pipe.answer(offer.transport);
      remote = offer;
      core.ptimeMs = offer.ptimeMs;
      core.offered = offer.codecs.map((known) => known.name);
      core.expectFormats({ codecs: [codec], telephoneEvents });
      core.agree(codec, { telephoneEvents });
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
  });
}
