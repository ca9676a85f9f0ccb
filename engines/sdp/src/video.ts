/** Video that is passed on as it comes: VP8 (RFC 7741) and H.264 (RFC 6184), read beside the audio, and ours in answers. */

import type { RawMedia, RawSession } from 'sdp-transform';
import { answeredProfileLevelId, USUAL_PROFILE_LEVEL_ID } from './h264-level.ts';
import {
  answerDirection,
  type Direction,
  directionOf,
  integer,
  isToken,
  type OtherMedia,
} from './media-description.ts';

/**
 * Two formats of the same key carry the same packets: for H.264 in the baseline profile with this packetization mode
 * (RFC 6184 §8.2.2: both must be the same in offer and answer).
 */
export type VideoKey = 'VP8' | 'H264/0' | 'H264/1';

/** In our order of preference. */
export const VIDEO_KEYS: readonly VideoKey[] = ['VP8', 'H264/1', 'H264/0'];
export const VIDEO_CLOCK_RATE = 90_000;
/** The most that is asked of a sender (RFC 3890), in bits per second. */
export const VIDEO_BITS_PER_SECOND = 2_000_000;

/** What a receiver may ask of who sends (RFC 4585 §4.2, RFC 5104 §7.1). */
export interface VideoFeedback {
  nack: boolean;
  pli: boolean;
  fir: boolean;
}

export interface VideoFormat {
  key: VideoKey;
  payloadType: number;
  /** H.264: six hexadecimal digits, lower case; its level is what whoever wrote it can receive. */
  profileLevelId?: string;
  /** H.264: each direction may have a level of its own (RFC 6184 §8.1, `level-asymmetry-allowed`). */
  levelsMayDiffer?: boolean;
  feedback: VideoFeedback;
}

/** A video m-line that could be answered. Every field is safe to write back. */
export interface VideoMedia {
  /** In the sender's order, each key once. */
  formats: VideoFormat[];
  direction: Direction;
  protocol: string;
  port: number;
  mid?: string;
  rtcpMux: boolean;
  /** Its place among the m-lines. */
  index: number;
}

/** The first video of a description that `accepts` and that has a format of ours; anything else is none, never an error. */
export function videoOf(
  session: RawSession,
  all: readonly (OtherMedia | undefined)[],
  accepts: (media: RawMedia, protocol: string) => boolean,
): VideoMedia | undefined {
  const index = session.media.findIndex(
    (media, at) => media.type === 'video' && accepts(media, all[at]?.protocol ?? ''),
  );
  const raw = session.media[index];
  const other = all[index];
  if (!raw || !other) return undefined;
  const formats = formatsOf(raw);
  if (formats.length === 0) return undefined;
  return {
    formats,
    direction: directionOf(raw.direction) ?? directionOf(session.direction) ?? 'sendrecv',
    protocol: other.protocol,
    port: integer(raw.port, 1, 65_535) ?? 0,
    ...(isToken(other.mid) ? { mid: other.mid } : {}),
    rtcpMux: raw.rtcpMux !== undefined,
    index,
  };
}

function formatsOf(raw: RawMedia): VideoFormat[] {
  const formats: VideoFormat[] = [];
  for (const given of String(raw.payloads ?? '')
    .split(' ')
    .slice(0, 128)) {
    if (!/^\d{1,3}$/.test(given)) continue;
    const payloadType = Number(given);
    if (payloadType > 127 || (payloadType >= 64 && payloadType <= 95)) continue; // RFC 5761 §4
    const map = raw.rtp?.find((entry) => entry.payload === payloadType);
    if (typeof map?.codec !== 'string' || map.rate !== VIDEO_CLOCK_RATE) continue;
    const config = raw.fmtp?.find((entry) => entry.payload === payloadType)?.config;
    const found = formatOf(map.codec.toLowerCase(), typeof config === 'string' ? config : '');
    if (!found) continue;
    const at = formats.findIndex(({ key }) => key === found.key);
    const format = { ...found, payloadType, feedback: feedbackOf(raw, payloadType) };
    if (at < 0) formats.push(format);
    // Browsers name several profiles: what all can read comes before what few can write.
    else if (isConstrained(found) && !isConstrained(formats[at]!)) formats[at] = format;
  }
  return formats;
}

/**
 * RFC 6184 §8.1, table 5: three ways to write constrained baseline, by profile_idc and the first bits of profile-iop, and the
 * two of baseline, which telephones say that write nothing of it but what is constrained.
 */
const CONSTRAINED_BASELINE = /^(?:42[4-7c-f]|4d[89a-f]|58[c-f])/;
const BASELINE = /^(?:42|4d[89a-f]|58[89a-f])/;

const isConstrained = ({ profileLevelId = '' }: Pick<VideoFormat, 'profileLevelId'>): boolean =>
  CONSTRAINED_BASELINE.test(profileLevelId);

function formatOf(
  codec: string,
  config: string,
): Pick<VideoFormat, 'key' | 'profileLevelId' | 'levelsMayDiffer'> | undefined {
  if (codec === 'vp8') return { key: 'VP8' };
  if (codec !== 'h264') return undefined;
  // RFC 6184 §8.1: without it, baseline of level 1 without constraints.
  const profileLevelId =
    /(?:^|[;\s])profile-level-id=([0-9a-f]{6})(?:$|[;\s])/i.exec(config)?.[1]?.toLowerCase() ?? '420010';
  // Others cannot be read by everybody who names H.264.
  if (!BASELINE.test(profileLevelId)) return undefined;
  const mode = /(?:^|[;\s])packetization-mode=(\d)/i.exec(config)?.[1] ?? '0';
  if (mode !== '0' && mode !== '1') return undefined;
  // RFC 6184 §8.1: without it, they may not.
  const levelsMayDiffer = /(?:^|[;\s])level-asymmetry-allowed=1(?:$|[;\s])/i.test(config);
  return { key: `H264/${mode}`, profileLevelId, levelsMayDiffer };
}

function feedbackOf(raw: RawMedia, payloadType: number): VideoFeedback {
  const given = (raw.rtcpFb ?? [])
    .slice(0, 256)
    .filter(({ payload }) => payload === '*' || Number(payload) === payloadType)
    .map(({ type, subtype }) => `${String(type)} ${String(subtype ?? '')}`.trim().toLowerCase());
  return {
    nack: given.includes('nack'),
    pli: given.includes('nack pli'),
    fir: given.includes('ccm fir'),
  };
}

/** One video of ours beside the audio. */
export interface LocalVideo {
  format: VideoFormat;
  direction: Direction;
  ssrc: number;
}

/** The attributes that name what is sent and received, for either kind of peer. */
export function videoFormatLines(format: VideoFormat): string[] {
  const { key, payloadType, profileLevelId = USUAL_PROFILE_LEVEL_ID, levelsMayDiffer, feedback } = format;
  const [name, mode] = key.split('/') as [string, string | undefined];
  return [
    `a=rtpmap:${payloadType} ${name}/${VIDEO_CLOCK_RATE}`,
    ...(mode === undefined
      ? []
      : [
          `a=fmtp:${payloadType} profile-level-id=${profileLevelId};packetization-mode=${mode}${levelsMayDiffer ? ';level-asymmetry-allowed=1' : ''}`,
        ]),
    ...(feedback.nack ? [`a=rtcp-fb:${payloadType} nack`] : []),
    ...(feedback.pli ? [`a=rtcp-fb:${payloadType} nack pli`] : []),
    ...(feedback.fir ? [`a=rtcp-fb:${payloadType} ccm fir`] : []),
  ];
}

/** How much we want to be sent: AS in kilobits (RFC 8866 §5.8), which all know, and TIAS (RFC 3890 §6.2). */
export const videoBandwidthLines: readonly string[] = [
  `b=AS:${VIDEO_BITS_PER_SECOND / 1000}`,
  `b=TIAS:${VIDEO_BITS_PER_SECOND}`,
];

/**
 * An offered format as we answer it: the same payload type, profile and packetization mode (RFC 6184 §8.2.2), and the level of
 * whoever is to see it. `readBy`: that one's profile-level-id, where it is known.
 */
export function answeredFormat(offered: VideoFormat, readBy?: string): VideoFormat {
  const { profileLevelId, levelsMayDiffer = false } = offered;
  if (profileLevelId === undefined) return offered;
  return { ...offered, profileLevelId: answeredProfileLevelId(profileLevelId, levelsMayDiffer, readBy) };
}

/** What we answer for an offered video, limited by what we want. */
export const answeredVideo = (
  offered: VideoMedia,
  format: VideoFormat,
  wanted: Direction,
  ssrc: number,
  readBy?: string,
): LocalVideo => ({
  format: answeredFormat(format, readBy),
  direction: answerDirection(offered.direction, wanted),
  ssrc,
});
