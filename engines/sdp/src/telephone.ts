/**
 * Offer and answer (RFC 3264) with a telephone or trunk: one audio, RTP/AVP, RTP/SAVP with keys in SDP, or
 * UDP/TLS/RTP/SAVP without ICE (RFC 5764 §8).
 */

import type { RawMedia, RawSession } from 'sdp-transform';

import {
  type AudioCodec,
  CODECS,
  COMFORT_NOISE_PAYLOAD_TYPE,
  type CodecName,
  comfortNoiseFor,
  type TelephoneEvents,
} from './codecs.ts';
import { type CryptoAttribute, cryptoLines, cryptoOf } from './crypto.ts';
import { type DtlsParameters, dtlsLines, dtlsOf } from './dtls.ts';
import {
  type AudioMedia,
  addressLine,
  answerDirection,
  audioOf,
  type Direction,
  formatLines,
  integer,
  joined,
  type OtherMedia,
  parseSession,
  refusedMedia,
  unicast,
} from './media-description.ts';
import { SdpError } from './sdp-error.ts';
import {
  type LocalTelephoneVideo,
  type TelephoneVideo,
  telephoneVideoLines,
  telephoneVideoOf,
} from './telephone-video.ts';
import type { VideoFormat } from './video.ts';

export interface TelephoneAudio extends AudioMedia {
  /** Where it wants to receive; `undefined` for 0.0.0.0, the hold of older telephones. */
  address: string | undefined;
  /** RFC 3605. */
  rtcp?: { address?: string; port: number };
  /** RTP/SAVP, with keys of SDP or of DTLS: it takes nothing unprotected. */
  secure: boolean;
  /** DTLS gives the keys. */
  dtls?: DtlsParameters;
  /** The keys that we can use, in its order; beside RTP/AVP they are an offer of encryption, not a demand. */
  crypto: CryptoAttribute[];
  /** Protected as the sound is, with a format of ours. */
  video?: TelephoneVideo;
}

const PLAIN = /^RTP\/AVPF?$/;
const SECURE = /^RTP\/SAVPF?$/;
const DTLS = /^UDP\/TLS\/RTP\/SAVPF?$/;

/**
 * Keys by DTLS, as UDP/TLS/RTP/SAVP (RFC 5764 §8) or as telephones say it that have but one profile for what is secure. A
 * browser's, which wants ICE as well, is for `readBrowser`.
 */
const isByDtls = (protocol: string, session: RawSession, media: RawMedia): boolean => {
  if (DTLS.test(protocol)) return media.iceUfrag === undefined && session.iceUfrag === undefined;
  const isNamed = (media.fingerprint ?? session.fingerprint) !== undefined;
  return SECURE.test(protocol) && isNamed && cryptoOf(media).length === 0;
};

/** Reads a telephone's offer or answer. Throws `SdpError`. */
export function readTelephone(sdp: string): TelephoneAudio {
  const session = parseSession(sdp);
  const { audio, raw } = audioOf(
    session,
    (protocol, media) =>
      PLAIN.test(protocol) ||
      (SECURE.test(protocol) && cryptoOf(media).length > 0) ||
      isByDtls(protocol, session, media),
  );
  // RFC 8866 §5.7: the media's connection wins over the session's
  const connection = raw.connection ?? session.connection;
  if (!connection) throw new SdpError('bad-sdp', 'SDP without a connection address');
  const ip = connection.ip;
  const held = ip === '0.0.0.0' || ip === '::'; // RFC 3264 §8.4
  const address = held ? undefined : unicast(ip);
  if (!held && address === undefined)
    throw new SdpError('bad-sdp', 'SDP whose connection address is not a unicast IP address');
  const isDtls = isByDtls(audio.protocol, session, raw);
  const telephone: TelephoneAudio = {
    ...audio,
    address,
    secure: isDtls || SECURE.test(audio.protocol),
    ...(isDtls ? { dtls: dtlsOf(session, raw) } : {}),
    crypto: isDtls ? [] : cryptoOf(raw),
  };
  const rtcpPort = integer(raw.rtcp?.port, 1, 65_535);
  if (rtcpPort !== undefined) {
    telephone.rtcp = { port: rtcpPort };
    const rtcpAddress = unicast(raw.rtcp?.address);
    if (rtcpAddress !== undefined) telephone.rtcp.address = rtcpAddress;
  }
  const video = telephoneVideoOf(session, audio.others, telephone);
  if (video) telephone.video = video;
  return telephone;
}

/** What we say of ourselves in every description of one session (RFC 8866 §5.2). */
export interface LocalSession {
  sessionId: number;
  /** Goes up by one with each description that differs (RFC 3264 §8). */
  version: number;
  address: string;
  port: number;
  direction: Direction;
  ptimeMs?: number;
  /** In an offer: RTP/SAVP, so that nothing unprotected is taken. An answer has the offer's protocol. */
  secure?: boolean;
  /** Ours, for DTLS: an offer is UDP/TLS/RTP/SAVP then, unless it is `secure` and leaves the choice (RFC 8643 §3.1). */
  dtls?: DtlsParameters;
  /** Our keys: any number in an offer, one with the offer's tag in an answer (RFC 4568 §5.1). */
  crypto?: readonly CryptoAttribute[];
  /** In an offer: comfort noise may be sent to us. An answer takes it where it was offered. */
  comfortNoise?: boolean;
}

const sessionLines = (local: LocalSession) => [
  'v=0',
  `o=- ${local.sessionId} ${local.version} ${addressLine(local.address)}`,
  's=-',
  `c=${addressLine(local.address)}`,
  't=0 0',
];

const withRegistration = (codec: AudioCodec) => ({
  ...codec,
  clockRate: CODECS[codec.name].clockRate,
  channels: CODECS[codec.name].channels,
});

function audioLines(
  local: LocalSession,
  media: {
    protocol: string;
    codecs: readonly AudioCodec[];
    events: readonly TelephoneEvents[];
    comfortNoise?: number | undefined;
    rtcpMux: boolean;
    mid?: string;
  },
): string[] {
  const { comfortNoise } = media;
  const formats = [...media.codecs, ...media.events].map((format) => format.payloadType);
  if (comfortNoise !== undefined) formats.push(comfortNoise);
  return [
    `m=audio ${local.port} ${media.protocol} ${formats.join(' ')}`,
    ...formatLines(media.codecs.map(withRegistration), media.events),
    ...(comfortNoise === undefined ? [] : [`a=rtpmap:${comfortNoise} CN/8000`]),
    ...cryptoLines(local.crypto ?? []),
    ...(local.dtls ? dtlsLines(local.dtls) : []),
    `a=ptime:${local.ptimeMs ?? 20}`,
    ...(media.mid === undefined ? [] : [`a=mid:${media.mid}`]),
    ...(media.rtcpMux ? ['a=rtcp-mux'] : [`a=rtcp:${local.port + 1}`]),
    `a=${local.direction}`,
  ];
}

/** The formats we offer for these codecs, with telephone events on each clock that they use. */
export function offeredFormats(names: readonly CodecName[]): {
  codecs: AudioCodec[];
  telephoneEvents: TelephoneEvents[];
} {
  const codecs = names.map((name): AudioCodec => {
    const { payloadType, fmtp } = CODECS[name];
    return fmtp ? { name, payloadType, fmtp } : { name, payloadType };
  });
  const telephoneEvents: TelephoneEvents[] = [];
  // Many telephones know the 8 kHz clock only, even beside Opus: it is always there.
  telephoneEvents.push({ payloadType: 101, clockRate: 8000 });
  if (names.includes('opus')) telephoneEvents.push({ payloadType: 102, clockRate: 48000 });
  return { codecs, telephoneEvents };
}

/**
 * An offer with these codecs, in this order, and with this video. `layout`: the m-lines of the description before, as `others`
 * of who gave it; those that are not offered any more keep their places (RFC 3264 §8).
 */
export function writeTelephoneOffer(
  local: LocalSession,
  names: readonly CodecName[],
  video?: Omit<LocalTelephoneVideo, 'format' | 'ssrc'> & { formats: readonly VideoFormat[] },
  layout: readonly (OtherMedia | undefined)[] = [undefined],
): string {
  const { codecs, telephoneEvents } = offeredFormats(names);
  const sound = (): string[] =>
    audioLines(local, {
      protocol: local.secure ? 'RTP/SAVP' : local.dtls ? 'UDP/TLS/RTP/SAVP' : 'RTP/AVP',
      codecs,
      events: telephoneEvents,
      ...(local.comfortNoise ? { comfortNoise: COMFORT_NOISE_PAYLOAD_TYPE } : {}),
      rtcpMux: local.dtls !== undefined, // one association for both
    });
  const pictures = video
    ? telephoneVideoLines(video, video.formats, {
        protocol: local.secure ? 'RTP/SAVP' : 'RTP/AVP',
        rtcpMux: false,
      })
    : undefined;
  // RFC 3264 §8.1: a place that was refused may be used again.
  const place = layout.findIndex((other) => other?.type === 'video');
  return joined([
    ...sessionLines(local),
    ...layout.flatMap((other, at) => {
      if (!other) return sound();
      return pictures && at === place ? pictures : refusedMedia(other);
    }),
    ...(pictures && place < 0 ? pictures : []),
  ]);
}

/**
 * The answer to an offer: one codec (it must be in the offer), its telephone events, the offer's payload types
 * (RFC 3264 §6.1), this video of the offer's, every other medium refused. `local.direction` is what we want; the offer may narrow it.
 */
export function writeTelephoneAnswer(
  local: LocalSession,
  offer: TelephoneAudio,
  codec: AudioCodec,
  events: readonly TelephoneEvents[],
  video?: LocalTelephoneVideo,
): string {
  const media = {
    protocol: offer.protocol,
    codecs: [codec],
    events,
    comfortNoise: comfortNoiseFor(codec.name, offer),
    rtcpMux: offer.rtcpMux,
    ...(offer.mid === undefined ? {} : { mid: offer.mid }),
  };
  const direction = answerDirection(offer.direction, local.direction);
  return joined([
    ...sessionLines(local),
    ...offer.others.flatMap((other, at) => {
      if (!other) return audioLines({ ...local, direction }, media);
      return video && offer.video?.index === at
        ? telephoneVideoLines(video, [video.format], offer.video)
        : refusedMedia(other);
    }),
  ]);
}
