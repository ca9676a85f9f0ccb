import { openRtpSocket, type PortPool, type RtpSocket, type SparePairs } from '@liaison/rtp';
import {
  type AudioCodec,
  COMFORT_NOISE_PAYLOAD_TYPE,
  type CodecName,
  comfortNoiseFor,
  type Direction,
  type DtlsParameters,
  type LocalSession,
  type OtherMedia,
  offeredFormats,
  pick,
  SdpError,
  type TelephoneAudio,
  type TelephoneEvents,
  type VideoKey,
  writeTelephoneAnswer,
  writeTelephoneOffer,
} from '@liaison/sdp';
import { createEndCore, type EndCore, type EndOptions, type MediaEnd } from './end.ts';
import { createEndDtls } from './end-dtls.ts';
import { createEndKeys } from './end-keys.ts';
import { videoStats } from './end-video.ts';
import type { SrtpUse } from './media.ts';
import { createRtpVideo, type RtpVideo } from './rtp-video.ts';
import type { ChosenVideo } from './video-choice.ts';

/** A telephone or trunk on RTP, protected with keys from SDP or from DTLS, or plain. */
export interface RtpEnd extends MediaEnd {
  readonly kind: 'rtp';
  readonly video: RtpVideo;
  offer(
    codecs: readonly CodecName[],
    how: OwnDescription & OfferedPictures & { srtp?: SrtpUse },
  ): Promise<string>;
  /** The last offer was refused: what was agreed before stands. */
  refused(): void;
  /** The answer to our offer: the first codec that is `preferred`, else its first. Throws `SdpError`. */
  accept(answer: TelephoneAudio, signalledFrom: string, preferred: readonly CodecName[]): CodecName;
  /** Answers with the first of these codecs that it offers, and with this video of its offer. Throws `SdpError`, changing nothing. */
  answer(
    offer: TelephoneAudio,
    signalledFrom: string,
    codecs: readonly CodecName[],
    how: OwnDescription,
    seen: ChosenVideo | undefined,
  ): Promise<{ answer: string; codec: CodecName }>;
}

/** Of an offer. */
export interface OfferedPictures {
  video?: readonly VideoKey[];
  /** See `ChosenVideo`. */
  readBy?: string;
}

/** What we say of ourselves. */
export interface OwnDescription {
  direction: Direction;
  ptimeMs?: number | undefined;
  /** In an offer: the peer knows comfort noise, so this end may send it. */
  comfortNoise?: boolean;
}

export interface RtpNetwork {
  ports: PortPool;
  /** Of these ports, at this address. */
  spare?: SparePairs;
  bind: string;
  /** IP address for our SDP. */
  advertise: string;
}

/** Rejects with `NoPortFreeError`. `close()` ends it. */
export async function createRtpEnd(network: RtpNetwork, options: EndOptions): Promise<RtpEnd> {
  const keys = createEndKeys();
  const onPipe = options.onPipe ? { onPipe: options.onPipe } : {};
  const dtls = createEndDtls({
    onRtp: (datagram) => core.receive(datagram),
    onRtcp: (datagram) => core.receiveRtcp(datagram),
    onState(state) {
      if (state === 'connected' || state === 'failed') core.setState(state);
    },
    onError: options.onError,
    ...onPipe,
    transmit: (datagram, to) => void socket.transmit(datagram, to),
    onProven: (source) => socket.fix(source),
  });
  // RFC 5764 §4.1: another association on the second port, for who takes no rtcp-mux. Without it there are no reports, and sound.
  const reportsDtls = createEndDtls({
    certificate: () => dtls.certificate,
    onRtp() {},
    onRtcp: (datagram) => core.receiveRtcp(datagram),
    onState() {},
    onError: options.onError,
    ...onPipe,
    transmit: (datagram, to) => void socket.transmitRtcp(datagram, to),
    onProven: (source) => socket.fixRtcp(source),
  });
  let remote: TelephoneAudio | undefined;
  let srtpUse: SrtpUse = 'never';
  let version = 0;
  /** The m-lines of the session, as they were agreed and as they are offered; `undefined`: the sound. */
  let layout: readonly (OtherMedia | undefined)[] = [undefined];
  /** What it could take before our last offer, for as long as that is not answered. */
  let takenBefore: readonly CodecName[] | undefined;

  const socket: RtpSocket = await openRtpSocket({
    ...network,
    onRtp(datagram) {
      if (core.state === 'new') core.setState('connected');
      core.receive(datagram);
    },
    onRtcp: (datagram) => core.receiveRtcp(datagram),
  });
  const core: EndCore<'rtp'> = createEndCore(
    'rtp',
    {
      canPlay: () =>
        socket.canSend() &&
        remote?.direction !== 'sendonly' &&
        remote?.direction !== 'inactive' &&
        (!remote?.dtls || dtls.pipe?.state === 'connected'),
      send: (datagram) => (remote?.dtls ? (dtls.pipe?.send(datagram) ?? false) : socket.send(datagram)),
      sendRtcp(datagram) {
        if (!remote?.dtls) socket.sendRtcp(datagram);
        else (remote.rtcpMux ? dtls : reportsDtls).pipe?.send(datagram);
      },
      canSayBye: () => remote !== undefined,
      stats: () => ({
        refused: socket.refused() + (dtls.pipe?.flooded ?? 0) + (reportsDtls.pipe?.flooded ?? 0),
        ...videoStats(video.lane),
        ...(remote?.dtls ? { srtp: 'DTLS' } : keys.suite ? { srtp: keys.suite } : {}),
      }),
      close() {
        dtls.close();
        reportsDtls.close();
        video.close();
        socket.close();
      },
    },
    options,
  );
  const video = createRtpVideo(network, core.outgoing.cname, options);
  core.placeOf = (what) => {
    if (what === 'video') return video.place();
    const { address, port } = remote ?? {};
    if (address === undefined || port === undefined) return undefined;
    return { local: { address: network.advertise, port: socket.port }, remote: { address, port } };
  };

  function local(
    { direction, ptimeMs, comfortNoise = false }: OwnDescription,
    protection: Pick<LocalSession, 'crypto' | 'secure' | 'dtls'>,
  ): LocalSession {
    version += 1;
    return {
      sessionId: core.outgoing.ssrc,
      version,
      address: network.advertise,
      port: socket.port,
      direction,
      ...protection,
      comfortNoise,
      ...(ptimeMs === undefined ? {} : { ptimeMs }),
    };
  }

  /** Nothing says that a NAT stands between: its signalling comes from where its description says. */
  const isReachedDirectly = (audio: TelephoneAudio, from: string) => audio.address === from;

  /** Only its answer says that it takes no rtcp-mux: until then there was nothing to offer on the second port. */
  function acceptForReports(theirs: DtlsParameters, isDirect: boolean) {
    reportsDtls
      .offer()
      .then(() => reportsDtls.accept(theirs, isDirect))
      .catch(options.onError);
  }

  /** The other side is known: send there, and hear whom it may be. */
  function reach(
    audio: TelephoneAudio,
    from: string,
    codec: AudioCodec,
    telephoneEvents: readonly TelephoneEvents[],
  ) {
    remote = audio;
    core.ptimeMs = audio.ptimeMs;
    core.expectFormats(audio);
    core.agree(codec, { telephoneEvents, comfortNoise: comfortNoiseFor(codec.name, audio) });
    const { address, port, rtcp, rtcpMux } = audio;
    const rtcpAddress = rtcp?.address ?? address;
    socket.expect({
      rtp: address === undefined ? undefined : { address, port },
      ...(rtcp && rtcpAddress !== undefined ? { rtcp: { address: rtcpAddress, port: rtcp.port } } : {}),
      rtcpMux,
      allowed: [from],
      payloadTypes: core.payloadTypes(),
      ...(keys.pair ? { srtp: keys.pair } : {}),
      ...(audio.dtls
        ? {
            dtls: {
              deliver: dtls.deliver,
              isContested: () => dtls.isContested,
              exactSource: isReachedDirectly(audio, from),
            },
            rtcpDtls: {
              deliver: reportsDtls.deliver,
              isContested: () => reportsDtls.isContested,
              exactSource: isReachedDirectly(audio, from),
            },
          }
        : {}),
    });
    core.start((isSilent) => {
      if (core.state === 'failed') return;
      if (core.state !== 'new') core.setState(isSilent ? 'disconnected' : 'connected');
    });
  }

  return Object.assign(core, {
    video,
    async offer(codecs: readonly CodecName[], how: OwnDescription & OfferedPictures & { srtp?: SrtpUse }) {
      takenBefore ??= core.offered;
      core.offered = codecs;
      core.expectFormats({
        ...offeredFormats(codecs),
        ...(how.comfortNoise ? { comfortNoise: COMFORT_NOISE_PAYLOAD_TYPE } : {}),
      });
      // In a dialog that talks already, what was agreed stays.
      if (remote?.dtls) srtpUse = 'dtls';
      else if (remote) srtpUse = remote.secure ? 'required' : keys.pair ? 'optional' : 'never';
      else srtpUse = how.srtp ?? 'never';
      // Some know RTP/SAVP alone and mean DTLS by it: a first demand leaves them the choice (RFC 8643 §3.1).
      const isChoice = srtpUse === 'required' && !remote;
      const hasOneProfile = remote?.dtls !== undefined && remote.protocol.startsWith('RTP/');
      const protection = {
        crypto: srtpUse === 'never' || srtpUse === 'dtls' ? [] : keys.offered(),
        secure: srtpUse === 'required' || hasOneProfile,
        ...(srtpUse === 'dtls' || isChoice ? { dtls: await dtls.offer() } : {}),
      };
      // Of a telephone with DTLS, or that may choose it, there are no pictures.
      const shown = protection.dtls
        ? undefined
        : await video.offer(how.video ?? [], {
            direction: how.direction,
            isProtected: protection.crypto.length > 0,
            ...(how.readBy === undefined ? {} : { readBy: how.readBy }),
          });
      return writeTelephoneOffer(local(how, protection), codecs, shown, layout);
    },
    refused() {
      if (remote && takenBefore) core.offered = takenBefore;
      takenBefore = undefined;
      video.refused();
    },
    accept(answer: TelephoneAudio, signalledFrom: string, preferred: readonly CodecName[]) {
      if (core.offered.length === 0) throw new SdpError('bad-sdp', 'An answer to an offer that was not made');
      // The answerer's order is its preference (RFC 3264 §6.1); only what we offered counts.
      const names = answer.codecs.map((codec) => codec.name).filter((name) => core.offered.includes(name));
      const { codec } = pick(answer, [...names.filter((name) => preferred.includes(name)), ...names]);
      if (srtpUse === 'required' && answer.crypto.length === 0 && !answer.dtls)
        throw new SdpError('bad-sdp', 'An answer without the key that was asked for');
      if (srtpUse === 'dtls' && !answer.dtls)
        throw new SdpError('bad-sdp', 'An answer without the certificate that was asked for');
      // Who could have changed its codec, and did not, is not asked for that one again.
      if (remote) core.offered = core.offered.filter((name) => names.includes(name));
      takenBefore = undefined;
      layout = answer.others;
      const isDirect = isReachedDirectly(answer, signalledFrom);
      if (answer.dtls) dtls.accept(answer.dtls, isDirect);
      else dtls.close();
      if (answer.dtls && !answer.rtcpMux) acceptForReports(answer.dtls, isDirect);
      else reportsDtls.close();
      keys.accept(srtpUse === 'never' ? [] : answer.crypto);
      reach(answer, signalledFrom, codec, answer.telephoneEvents);
      video.accept(answer.video, signalledFrom);
      return codec.name;
    },
    async answer(
      offer: TelephoneAudio,
      signalledFrom: string,
      codecs: readonly CodecName[],
      how: OwnDescription,
      seen: ChosenVideo | undefined,
    ) {
      const { codec, telephoneEvents } = pick(offer, codecs);
      const isDirect = isReachedDirectly(offer, signalledFrom);
      const ours = offer.dtls && (await dtls.answer(offer.dtls, isDirect));
      if (!ours) dtls.close();
      if (offer.dtls && !offer.rtcpMux) await reportsDtls.answer(offer.dtls, isDirect);
      else reportsDtls.close();
      core.offered = offer.codecs.map((known) => known.name);
      takenBefore = undefined;
      layout = offer.others;
      const crypto = keys.answer(offer.crypto);
      reach(offer, signalledFrom, codec, telephoneEvents);
      const protection = ours ? { dtls: ours } : { crypto };
      const shown =
        seen && offer.video
          ? await video.answer(offer.video, seen, signalledFrom, how.direction)
          : video.decline(offer.video);
      return {
        answer: writeTelephoneAnswer(
          local(how, protection),
          offer,
          codec,
          telephoneEvents,
          shown ?? undefined,
        ),
        codec: codec.name,
      };
    },
  });
}
