/** What a browser's offer or answer says of its audio (RFC 8829, JSEP), and ours to it. */

import type { RawSession } from 'sdp-transform';
import { type AudioCodec, CODECS, type CodecName, type TelephoneEvents } from './codecs.ts';
import { type DtlsParameters, dtlsLines, dtlsOf } from './dtls.ts';
import {
  type AudioMedia,
  answerDirection,
  audioOf,
  type Direction,
  formatLines,
  integer,
  isToken,
  joined,
  parseSession,
  refusedMedia,
} from './media-description.ts';
import { SdpError } from './sdp-error.ts';
import {
  type LocalVideo,
  type VideoFormat,
  type VideoMedia,
  videoBandwidthLines,
  videoFormatLines,
  videoOf,
} from './video.ts';

/** What ICE and DTLS need to know of the other side. Every field is safe to write into SDP. */
export interface TransportParameters extends DtlsParameters {
  ufrag: string;
  pwd: string;
}

export interface Candidate {
  foundation: string;
  priority: number;
  address: string;
  port: number;
  /** `host`, `srflx`, `prflx` or `relay`. */
  type: string;
  /** Over TCP, where the other side connects (RFC 6544 §4.5); UDP without it. */
  tcpType?: 'passive';
}

export interface LocalTransport extends TransportParameters {
  /** Component 1 (RTCP is multiplexed, RFC 8834 §4.5). */
  candidates: readonly Candidate[];
}

export interface BrowserAudio extends AudioMedia {
  transport: TransportParameters;
  /** On the audio's transport, with a format of ours. */
  video?: VideoMedia;
}

/** RFC 8839 §5.4: ice-char, 4 to 256 and 22 to 256 of them. */
const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PWD = /^[A-Za-z0-9+/]{22,256}$/;

const BROWSERS = /^UDP\/TLS\/RTP\/SAVPF?$/;

/** Reads a browser's offer or answer. Throws `SdpError`. */
export function readBrowser(sdp: string): BrowserAudio {
  const session = parseSession(sdp);
  const { audio, raw } = audioOf(session, (protocol) => BROWSERS.test(protocol));
  // sdp-transform turns digits into numbers
  const ufrag = String(raw.iceUfrag ?? session.iceUfrag ?? '');
  const pwd = String(raw.icePwd ?? session.icePwd ?? '');
  if (!UFRAG.test(ufrag) || !PWD.test(pwd)) throw new SdpError('bad-sdp', 'SDP without ICE credentials');
  const dtls = dtlsOf(session, raw);
  if (!audio.rtcpMux) throw new SdpError('bad-sdp', 'SDP without rtcp-mux'); // RFC 8834 §4.5
  const bundled = bundleOf(session, audio.mid);
  const video = videoOf(
    session,
    audio.others,
    // RFC 8829 §5.2.1: what is only ever bundled has port 0 in an offer.
    (media, protocol) =>
      BROWSERS.test(protocol) &&
      (media.port !== 0 || media.bundleOnly !== undefined) &&
      bundled.includes(String(media.mid)),
  );
  return { ...audio, transport: { ufrag, pwd, ...dtls }, ...(video ? { video } : {}) };
}

/** What shares the transport of this medium (RFC 9143 §7.2). */
function bundleOf(session: RawSession, mid: string | undefined): string[] {
  if (mid === undefined) return [];
  const groups = (session.groups ?? []).slice(0, 16).filter(({ type }) => type === 'BUNDLE');
  return groups.map(({ mids }) => String(mids).split(' ')).find((mids) => mids.includes(mid)) ?? [];
}

/** Names of the codecs that a browser (or telephone) offers, in its order; for `rtpOffer`. Throws `SdpError`. */
export function codecsOffered(sdp: string): CodecName[] {
  const { audio } = audioOf(parseSession(sdp), () => true);
  return audio.codecs.map((codec) => codec.name);
}

/** Reads the transport that a library wrote for us: its first medium. Throws `SdpError`. */
export function readLocalTransport(sdp: string): LocalTransport {
  const session = parseSession(sdp);
  const raw = session.media[0]!;
  const ufrag = String(raw.iceUfrag ?? session.iceUfrag ?? '');
  const pwd = String(raw.icePwd ?? session.icePwd ?? '');
  const dtls = dtlsOf(session, raw);
  const candidates: Candidate[] = [];
  for (const candidate of raw.candidates ?? []) {
    const port = integer(candidate.port, 1, 65_535);
    const priority = integer(candidate.priority, 1, 0xffff_ffff);
    const { ip, type } = candidate;
    const isUdp = String(candidate.transport).toLowerCase() === 'udp' && candidate.component === 1;
    if (!isUdp || port === undefined || priority === undefined || typeof ip !== 'string' || !isToken(type))
      continue;
    candidates.push({ foundation: String(candidate.foundation), priority, address: ip, port, type });
  }
  return { ufrag, pwd, ...dtls, candidates };
}

/** One audio of ours towards a browser. */
export interface LocalAudio {
  transport: LocalTransport;
  codecs: readonly AudioCodec[];
  telephoneEvents: readonly TelephoneEvents[];
  direction: Direction;
  sessionId: number;
  version: number;
  /** Of the stream we send. */
  ssrc: number;
  cname: string;
  ptimeMs?: number;
}

const candidateLine = (candidate: Candidate) =>
  `a=candidate:${candidate.foundation} 1 ${candidate.tcpType ? 'tcp' : 'udp'} ${candidate.priority} ${candidate.address} ` +
  `${candidate.port} typ ${candidate.type}${candidate.tcpType ? ` tcptype ${candidate.tcpType}` : ''}`;

function describe(local: LocalAudio, mid: string, direction: Direction): string[] {
  const { transport, codecs, telephoneEvents, ssrc, cname } = local;
  const formats = [...codecs, ...telephoneEvents].map((format) => format.payloadType);
  return [
    `m=audio 9 UDP/TLS/RTP/SAVPF ${formats.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=${direction}`,
    'a=rtcp-mux',
    ...formatLines(
      codecs.map((codec) => {
        const { clockRate, channels, fmtp } = CODECS[codec.name];
        const { name, payloadType } = codec;
        return { name, payloadType, clockRate, channels, ...(fmtp ? { fmtp } : {}) };
      }),
      telephoneEvents,
    ),
    `a=ptime:${local.ptimeMs ?? 20}`,
    ...transportLines(transport),
    `a=msid:liaison audio-${ssrc}`,
    `a=ssrc:${ssrc} cname:${cname}`,
  ];
}

const transportLines = (transport: LocalTransport): string[] => [
  `a=ice-ufrag:${transport.ufrag}`,
  `a=ice-pwd:${transport.pwd}`,
  ...dtlsLines(transport),
  ...transport.candidates.map(candidateLine),
  'a=end-of-candidates', // RFC 8840 §8.1: everything is here, nothing trickles
];

/** Pictures of ours in an offer: what may be chosen, or what is agreed already. */
export interface OfferedBrowserVideo {
  formats: readonly VideoFormat[];
  direction: Direction;
  ssrc: number;
}

/** In the stream of the audio, so that what is seen and heard is played together. */
function describeVideo(
  local: LocalAudio,
  { formats, direction, ssrc }: OfferedBrowserVideo,
  protocol: string,
  mid: string,
): string[] {
  return [
    `m=video 9 ${protocol} ${formats.map(({ payloadType }) => payloadType).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    ...videoBandwidthLines,
    `a=mid:${mid}`,
    `a=${direction}`,
    'a=rtcp-mux',
    ...formats.flatMap(videoFormatLines),
    ...transportLines(local.transport),
    `a=msid:liaison video-${ssrc}`,
    `a=ssrc:${ssrc} cname:${local.cname}`,
  ];
}

const head = (local: LocalAudio, mids: string) => [
  'v=0',
  `o=- ${local.sessionId} ${local.version} IN IP4 127.0.0.1`,
  's=-',
  't=0 0',
  `a=group:BUNDLE ${mids}`,
  'a=msid-semantic: WMS *',
];

/** Our answer to a browser's offer: its audio, its video where we have one, every other medium refused (RFC 3264 §6). */
export function writeBrowserAnswer(offer: BrowserAudio, local: LocalAudio, video?: LocalVideo): string {
  const mid = offer.mid ?? '0';
  const direction = answerDirection(offer.direction, local.direction);
  const seen =
    video && offer.video?.mid !== undefined ? { ...offer.video, mid: offer.video.mid, video } : undefined;
  return joined([
    ...head(local, seen ? `${mid} ${seen.mid}` : mid),
    ...offer.others.flatMap((other, at) => {
      if (!other) return describe(local, mid, direction);
      return seen?.index === at
        ? describeVideo(local, { ...seen.video, formats: [seen.video.format] }, other.protocol, seen.mid)
        : refusedMedia(other);
    }),
  ]);
}

/**
 * Our offer to a browser: one audio, and video where there is any. `before`: what it said last in this session, whose m-lines keep
 * their places and names (RFC 3264 §8).
 */
export function writeBrowserOffer(
  local: LocalAudio,
  video?: OfferedBrowserVideo,
  before: Pick<BrowserAudio, 'others' | 'mid'> = { others: [undefined], mid: '0' },
): string {
  const mid = before.mid ?? '0';
  const place = before.others.findIndex((other) => other?.type === 'video');
  const videoMid = before.others[place]?.mid ?? (mid === '1' ? '0' : '1');
  const pictures = video ? describeVideo(local, video, 'UDP/TLS/RTP/SAVPF', videoMid) : undefined;
  return joined([
    ...head(local, pictures ? `${mid} ${videoMid}` : mid),
    ...before.others.flatMap((other, at) => {
      if (!other) return describe(local, mid, local.direction);
      return pictures && at === place ? pictures : refusedMedia(other);
    }),
    ...(pictures && place < 0 ? pictures : []),
  ]);
}

/** The codec, telephone events and payload types of an offer that an answer of ours names. */
export function pick(
  audio: AudioMedia,
  names: readonly CodecName[],
): { codec: AudioCodec; telephoneEvents: TelephoneEvents[] } {
  for (const name of names) {
    const codec = audio.codecs.find((offered) => offered.name === name);
    if (!codec) continue;
    const { clockRate } = CODECS[name];
    const fitting = audio.telephoneEvents.filter((events) => events.clockRate === clockRate);
    return {
      codec,
      telephoneEvents: fitting.length > 0 ? fitting.slice(0, 1) : audio.telephoneEvents.slice(0, 1),
    };
  }
  throw new SdpError('no-common-codec', 'The two sides share no codec');
}
