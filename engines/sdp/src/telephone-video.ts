/** The video of a telephone: read beside its audio, protected as that is, and ours in offers and answers. */

import type { RawMedia, RawSession } from 'sdp-transform';
import { type CryptoAttribute, cryptoLines, cryptoOf } from './crypto.ts';
import { USUAL_PROFILE_LEVEL_ID } from './h264-level.ts';
import { integer, type OtherMedia, unicast } from './media-description.ts';
import {
  answeredFormat,
  type LocalVideo,
  VIDEO_KEYS,
  type VideoFormat,
  type VideoKey,
  type VideoMedia,
  videoBandwidthLines,
  videoFormatLines,
  videoOf,
} from './video.ts';

export interface TelephoneVideo extends VideoMedia {
  /** Where it wants to receive; `undefined` for 0.0.0.0. */
  address: string | undefined;
  /** RFC 3605. */
  rtcp?: { address?: string; port: number };
  /** The keys that we can use, in its order. */
  crypto: CryptoAttribute[];
}

export interface LocalTelephoneVideo extends LocalVideo {
  port: number;
  crypto: readonly CryptoAttribute[];
}

const PROTOCOLS = /^RTP\/S?AVPF?$/;

/** Pictures are never less protected than the sound; where DTLS gives the keys there is none. */
export function telephoneVideoOf(
  session: RawSession,
  all: readonly (OtherMedia | undefined)[],
  sound: { dtls?: unknown; secure: boolean; crypto: readonly CryptoAttribute[] },
): TelephoneVideo | undefined {
  // TODO(RFC 5763 §6.6): an association of its own for the video of a telephone with DTLS.
  if (sound.dtls) return undefined;
  const video = videoOf(
    session,
    all,
    (media, protocol) =>
      media.port !== 0 &&
      PROTOCOLS.test(protocol) &&
      protocol.startsWith('RTP/S') === sound.secure &&
      cryptoOf(media).length > 0 === sound.crypto.length > 0,
  );
  const raw = video && session.media[video.index];
  if (!video || !raw || video.port === 0) return undefined;
  const ip = (raw.connection ?? session.connection)?.ip;
  const isHeld = ip === '0.0.0.0' || ip === '::'; // RFC 3264 §8.4
  const address = isHeld ? undefined : unicast(ip);
  if (!isHeld && address === undefined) return undefined;
  return { ...video, address, ...rtcpOf(raw), crypto: cryptoOf(raw) };
}

function rtcpOf(raw: RawMedia): Pick<TelephoneVideo, 'rtcp'> {
  const port = integer(raw.rtcp?.port, 1, 65_535);
  if (port === undefined) return {};
  const address = unicast(raw.rtcp?.address);
  return { rtcp: { port, ...(address === undefined ? {} : { address }) } };
}

/** What we offer for each: payload types that our audio does not use, and whatever a receiver may ask for. */
const OFFERED: Readonly<Record<VideoKey, Omit<VideoFormat, 'key'>>> = {
  VP8: { payloadType: 103, feedback: { nack: true, pli: true, fir: true } },
  'H264/1': {
    payloadType: 104,
    profileLevelId: USUAL_PROFILE_LEVEL_ID,
    levelsMayDiffer: true,
    feedback: { nack: true, pli: true, fir: true },
  },
  'H264/0': {
    payloadType: 105,
    profileLevelId: USUAL_PROFILE_LEVEL_ID,
    levelsMayDiffer: true,
    feedback: { nack: true, pli: true, fir: true },
  },
};

/**
 * Keys of ours as the formats of an offer. H.264 names the level that whoever is to see it can read, since whoever answers may
 * send up to it (RFC 6184 §8.2.2).
 *
 * @param readBy a profile-level-id, where that is known.
 */
export const offeredVideoFormats = (keys: readonly VideoKey[], readBy?: string): VideoFormat[] =>
  VIDEO_KEYS.filter((key) => keys.includes(key)).map((key) =>
    answeredFormat({ key, ...OFFERED[key] }, readBy),
  );

/** An m-line of ours with these formats: one in an answer, all that are offered in an offer. */
export function telephoneVideoLines(
  local: Pick<LocalTelephoneVideo, 'port' | 'crypto' | 'direction'>,
  formats: readonly VideoFormat[],
  { protocol, rtcpMux, mid }: Pick<VideoMedia, 'protocol' | 'rtcpMux' | 'mid'>,
): string[] {
  return [
    `m=video ${local.port} ${protocol} ${formats.map(({ payloadType }) => payloadType).join(' ')}`,
    ...videoBandwidthLines,
    ...formats.flatMap(videoFormatLines),
    ...cryptoLines(local.crypto),
    ...(mid === undefined ? [] : [`a=mid:${mid}`]),
    ...(rtcpMux ? ['a=rtcp-mux'] : [`a=rtcp:${local.port + 1}`]),
    `a=${local.direction}`,
  ];
}
