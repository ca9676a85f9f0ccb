import {
  type AudioCodec,
  answeredFormat,
  answeredVideo,
  type BrowserAudio,
  type CodecName,
  type Direction,
  type LocalAudio,
  type LocalTransport,
  offeredFormats,
  offeredVideoFormats,
  pick,
  SdpError,
  type TelephoneEvents,
  type VideoFormat,
  type VideoKey,
  writeBrowserAnswer,
  writeBrowserOffer,
} from '@liaison/sdp';
import { createSecurePipe, type SecurePipeOptions } from '@liaison/webrtc';
import { createEndCore, type EndCore, type EndOptions, type MediaEnd } from './end.ts';
import { type EndVideo, videoStats } from './end-video.ts';
import type { WebrtcAnswer } from './media.ts';
import type { ChosenVideo } from './video-choice.ts';
import { createVideoLane } from './video-lane.ts';

export interface BrowserOffer {
  direction: Direction;
  ptimeMs: number | undefined;
  /** What whoever calls it can show, in the first offer; later ones keep what is agreed. */
  video?: readonly VideoKey[];
  /** See `ChosenVideo`. */
  readBy?: string;
}

/** A browser behind a secure pipe. */
export interface WebrtcEnd extends MediaEnd {
  readonly kind: 'webrtc';
  readonly video: EndVideo;
  /** Whether this offer comes from the same peer connection: then `answer` only negotiates codecs again. */
  continues(offer: BrowserAudio): boolean;
  /** Answers with the first of these that it offers, and with this video of its offer. Throws `SdpError` `no-common-codec`, changing nothing. */
  answer(
    offer: BrowserAudio,
    codecs: readonly CodecName[],
    ptimeMs: number | undefined,
    seen: ChosenVideo | undefined,
  ): Promise<WebrtcAnswer>;
  /** Our offer, to a browser that is rung over SIP; `accept` reads its answer. */
  offer(codecs: readonly CodecName[], how: BrowserOffer): Promise<string>;
  /** Takes the first codec that is `preferred`, else its first. Throws `SdpError`. */
  accept(answer: BrowserAudio, preferred: readonly CodecName[]): CodecName;
}

export type WebrtcNetwork = Pick<SecurePipeOptions, 'bind' | 'advertise' | 'udp' | 'gate'>;

/** `close()` ends it. */
export function createWebrtcEnd(name: string, network: WebrtcNetwork, options: EndOptions): WebrtcEnd {
  let remote: BrowserAudio | undefined;
  let transport: LocalTransport | undefined;
  let version = 0;
  /** The pictures of our last offer. */
  let shown: readonly VideoFormat[] = [];

  const pipe = createSecurePipe({
    ...network,
    name,
    onRtp(datagram) {
      // Sound and pictures share the pipe, and differ by their payload types (RFC 9143 §9.2).
      const isVideo = lane.format !== undefined && (datagram[1]! & 0x7f) === lane.format.payloadType;
      if (isVideo) options.saw?.('video', 'in', datagram);
      (isVideo ? lane : core).receive(datagram);
    },
    onRtcp(datagram) {
      core.receiveRtcp(datagram);
      lane.receiveRtcp(datagram);
    },
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
      stats: () => ({ refused: pipe.flooded, srtp: 'DTLS', ...videoStats(lane) }),
      close() {
        lane.close();
        pipe.close();
      },
    },
    options,
  );
  core.placeOf = () => pipe.place();
  const lane = createVideoLane(
    {
      canPlay: () => pipe.state === 'connected',
      send(datagram) {
        options.saw?.('video', 'out', datagram);
        return pipe.send(datagram);
      },
      sendRtcp: (datagram) => void pipe.send(datagram),
      onError: options.onError,
    },
    core.outgoing.cname,
  );
  const video: EndVideo = {
    lane,
    mayTake: (wanted) => remote?.video?.formats.some(({ key }) => key === wanted) ?? false,
  };

  const describe = (
    of: LocalTransport,
    codecs: readonly AudioCodec[],
    telephoneEvents: readonly TelephoneEvents[],
    direction: Direction,
    ptimeMs: number | undefined,
  ): LocalAudio => {
    version += 1;
    return {
      transport: of,
      codecs,
      telephoneEvents,
      direction,
      sessionId: core.outgoing.ssrc,
      version,
      ssrc: core.outgoing.ssrc,
      cname: core.outgoing.cname,
      ...(ptimeMs === undefined ? {} : { ptimeMs }),
    };
  };

  /** What both sides speak from now on. */
  function agree(theirs: BrowserAudio, codec: AudioCodec, telephoneEvents: readonly TelephoneEvents[]): void {
    remote = theirs;
    core.ptimeMs = theirs.ptimeMs;
    core.expectFormats({ codecs: [codec], telephoneEvents: [...telephoneEvents] });
    core.agree(codec, { telephoneEvents });
  }

  return Object.assign(core, {
    video,

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

    async answer(
      offer: BrowserAudio,
      codecs: readonly CodecName[],
      ptimeMs: number | undefined,
      seen: ChosenVideo | undefined,
    ) {
      const { codec, telephoneEvents } = pick(offer, codecs);
      transport ??= await pipe.answer(offer.transport);
      core.offered = offer.codecs.map((known) => known.name);
      agree(offer, codec, telephoneEvents);
      const local = describe(transport, [codec], telephoneEvents, 'sendrecv', ptimeMs);
      lane.agree(seen?.format);
      const answered =
        seen && offer.video && answeredVideo(offer.video, seen.format, 'sendrecv', lane.ssrc, seen.readBy);
      return { answer: writeBrowserAnswer(offer, local, answered), codec: codec.name };
    },

    async offer(
      codecs: readonly CodecName[],
      { direction, ptimeMs, video: keys = [], readBy }: BrowserOffer,
    ) {
      transport ??= await pipe.offer();
      const formats = offeredFormats(codecs);
      core.offered = codecs;
      core.expectFormats(formats);
      // RFC 8842 §5.2: an offer leaves the role open, also that of a connection which stands.
      const open: LocalTransport = { ...transport, setup: 'actpass' };
      const agreed = lane.format;
      shown = agreed ? [answeredFormat(agreed, readBy)] : remote ? [] : offeredVideoFormats(keys, readBy);
      return writeBrowserOffer(
        describe(open, formats.codecs, formats.telephoneEvents, direction, ptimeMs),
        shown.length > 0 ? { formats: shown, direction, ssrc: lane.ssrc } : undefined,
        remote,
      );
    },

    accept(answer: BrowserAudio, preferred: readonly CodecName[]) {
      if (!transport || core.offered.length === 0)
        throw new SdpError('bad-sdp', 'An answer to an offer that was not made');
      const names = answer.codecs.map((codec) => codec.name).filter((name) => core.offered.includes(name));
      const { codec, telephoneEvents } = pick(answer, [
        ...names.filter((name) => preferred.includes(name)),
        ...names,
      ]);
      if (!remote) {
        if (answer.transport.setup === 'actpass')
          throw new SdpError('bad-sdp', 'An answer that leaves the DTLS role open'); // RFC 5763 §5
        pipe.accept(answer.transport);
        transport = { ...transport, setup: answer.transport.setup === 'active' ? 'passive' : 'active' };
      }
      agree(answer, codec, telephoneEvents);
      // Its first is what it sends (RFC 3264 §6.1).
      lane.agree(answer.video?.formats.find(({ key }) => shown.some((ours) => ours.key === key)));
      return codec.name;
    },
  });
}
