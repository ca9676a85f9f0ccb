import { isIP } from 'node:net';
import transform, { type RawMedia, type RawSession } from 'sdp-transform';
import {
  type AudioCodec,
  COMFORT_NOISE_PAYLOAD_TYPE,
  type CodecName,
  codecOf,
  staticCodec,
  type TelephoneEvents,
} from './codecs.ts';
import { SdpError } from './sdp-error.ts';

/** A browser's offer with a dozen videos is about 60 kB. */
export const MAX_SDP_BYTES = 65_536;
export const MAX_LINES = 2_000;
export const MAX_LINE_BYTES = 2_048;
export const MAX_MEDIA = 32;

/** RFC 8866 §6.7. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** An m-line that we answer with port 0. Every field is safe to write back. */
export interface OtherMedia {
  type: string;
  protocol: string;
  formats: string;
  mid?: string;
}

/** The audio of either kind of peer; the order of m-lines is kept for the answer (RFC 3264 §6). */
export interface AudioMedia {
  direction: Direction;
  /** In the sender's order of preference, each once. */
  codecs: AudioCodec[];
  telephoneEvents: TelephoneEvents[];
  /** The payload type of comfort noise at 8 kHz (RFC 3389 §4). */
  comfortNoise?: number;
  /** How long a packet it wants to receive (RFC 8866 §6.4), within its longest. */
  ptimeMs?: number;
  mid?: string;
  rtcpMux: boolean;
  protocol: string;
  port: number;
  /** Its place among the m-lines. */
  index: number;
  /** All m-lines in order; `undefined` where this audio stands. */
  others: (OtherMedia | undefined)[];
}

const bad = (message: string) => new SdpError('bad-sdp', message);

/** RFC 8866 §9, token: what may be written back without quoting. */
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`{|}~]{1,64}$/;
const FORMATS = /^[A-Za-z0-9!#$%&'*+\-.^_`{|}~ ]{1,512}$/;
const PROTOCOL = /^[A-Za-z0-9/\-.]{1,64}$/;
/** fmtp parameters that we keep: no control characters, no line ends. */
const FMTP = /^[\x20-\x7e]{1,256}$/;

export const isToken = (value: unknown): value is string => typeof value === 'string' && TOKEN.test(value);

export function integer(value: unknown, min: number, max: number): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
    ? value
    : undefined;
}

/** Parses within the bounds. Throws `SdpError` `bad-sdp`. */
export function parseSession(sdp: string): RawSession {
  if (typeof sdp !== 'string' || sdp.length === 0) throw bad('Empty SDP');
  if (Buffer.byteLength(sdp) > MAX_SDP_BYTES) throw bad(`SDP of more than ${MAX_SDP_BYTES} bytes`);
  if (!sdp.startsWith('v=0')) throw bad('SDP starts with v=0'); // RFC 8866 §5.1
  const lines = sdp.split('\n');
  if (lines.length > MAX_LINES) throw bad(`SDP of more than ${MAX_LINES} lines`);
  let media = 0;
  for (const line of lines) {
    if (line.length > MAX_LINE_BYTES) throw bad(`SDP line of more than ${MAX_LINE_BYTES} bytes`);
    if (line.startsWith('m=')) media += 1;
  }
  if (media === 0) throw bad('SDP without media');
  if (media > MAX_MEDIA) throw bad(`SDP with more than ${MAX_MEDIA} media`);
  let session: RawSession;
  try {
    session = transform.parse(sdp);
  } catch {
    throw bad('SDP cannot be parsed');
  }
  if (session.media.length !== media) throw bad('SDP with a malformed m-line');
  return session;
}

export function directionOf(value: unknown): Direction | undefined {
  return value === 'sendrecv' || value === 'sendonly' || value === 'recvonly' || value === 'inactive'
    ? value
    : undefined;
}

function formatsOf(media: RawMedia): Pick<AudioMedia, 'codecs' | 'telephoneEvents' | 'comfortNoise'> {
  const codecs: AudioCodec[] = [];
  const telephoneEvents: TelephoneEvents[] = [];
  let comfortNoise: number | undefined;
  // sdp-transform gives a number where there is only one format
  const formats = String(media.payloads ?? '').split(' ');
  for (const format of formats.slice(0, 128)) {
    if (!/^\d{1,3}$/.test(format)) continue;
    const payloadType = Number(format);
    if (payloadType > 127 || (payloadType >= 64 && payloadType <= 95)) continue; // RFC 5761 §4
    const map = media.rtp?.find((entry) => entry.payload === payloadType);
    const clockRate = integer(map?.rate, 1, 384_000);
    let name: CodecName | undefined;
    if (map && typeof map.codec === 'string' && clockRate !== undefined) {
      const channels = map.encoding === undefined ? 1 : (integer(Number(map.encoding), 1, 8) ?? 0);
      if (map.codec.toLowerCase() === 'telephone-event') {
        if (telephoneEvents.length < 8) telephoneEvents.push({ payloadType, clockRate });
        continue;
      }
      if (map.codec.toLowerCase() === 'cn') {
        if (clockRate === 8000) comfortNoise ??= payloadType;
        continue;
      }
      name = codecOf(map.codec, clockRate, channels);
    } else if (!map) {
      if (payloadType === COMFORT_NOISE_PAYLOAD_TYPE) comfortNoise ??= payloadType;
      name = staticCodec(payloadType);
    }
    if (!name || codecs.some((codec) => codec.name === name)) continue;
    const codec: AudioCodec = { name, payloadType };
    const config = media.fmtp?.find((entry) => entry.payload === payloadType)?.config;
    if (typeof config === 'string' && FMTP.test(config)) codec.fmtp = config;
    codecs.push(codec);
  }
  return { codecs, telephoneEvents, ...(comfortNoise === undefined ? {} : { comfortNoise }) };
}

function otherMedia(media: RawMedia): OtherMedia {
  const type = media.type;
  const protocol = media.protocol;
  const formats = String(media.payloads ?? '').trim();
  if (!isToken(type) || typeof protocol !== 'string' || !PROTOCOL.test(protocol) || !FORMATS.test(formats))
    throw bad('SDP with a malformed m-line');
  const other: OtherMedia = { type, protocol, formats };
  const mid = media.mid === undefined ? undefined : String(media.mid);
  if (isToken(mid)) other.mid = mid;
  return other;
}

/**
 * Finds the first audio that `accepts`, and reads it. Throws `SdpError`: `no-common-codec` when there is none, or
 * none with a codec of ours.
 */
export function audioOf(
  session: RawSession,
  accepts: (protocol: string, media: RawMedia) => boolean,
): { audio: AudioMedia; raw: RawMedia } {
  const all = session.media.map(otherMedia);
  const index = session.media.findIndex(
    (media, at) => media.type === 'audio' && media.port !== 0 && accepts(all[at]!.protocol, media),
  );
  if (index < 0) throw new SdpError('no-common-codec', 'SDP without audio that can be accepted');
  const raw = session.media[index]!;
  const port = integer(raw.port, 1, 65_535);
  if (port === undefined) throw bad('SDP with a malformed port');
  const { codecs, telephoneEvents, comfortNoise } = formatsOf(raw);
  if (codecs.length === 0) throw new SdpError('no-common-codec', 'SDP without a codec of ours');
  const audio: AudioMedia = {
    direction: directionOf(raw.direction) ?? directionOf(session.direction) ?? 'sendrecv',
    codecs,
    telephoneEvents,
    rtcpMux: raw.rtcpMux !== undefined,
    protocol: all[index]!.protocol,
    port,
    index,
    others: all.map((other, at) => (at === index ? undefined : other)),
  };
  if (comfortNoise !== undefined) audio.comfortNoise = comfortNoise;
  const ptimeMs = integer(raw.ptime, 1, 200);
  const longestMs = integer(raw.maxptime, 1, 1000) ?? 200;
  if (ptimeMs !== undefined || longestMs < 20) audio.ptimeMs = Math.min(ptimeMs ?? 20, longestMs);
  const mid = all[index]!.mid;
  if (mid !== undefined) audio.mid = mid;
  return { audio, raw };
}

/** A unicast IP address from SDP; names are not looked up, multicast is not sent to. */
export function unicast(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const family = isIP(value);
  if (family === 4) {
    const first = Number(value.split('.')[0]);
    return first >= 224 ? undefined : value;
  }
  return family === 6 && !value.toLowerCase().startsWith('ff') && !value.includes('%') ? value : undefined;
}

export const addressLine = (address: string): string => `IN IP${isIP(address) === 6 ? 6 : 4} ${address}`;

/** The answer's direction for an offered one, limited by what we want (RFC 3264 §6.1). */
export function answerDirection(offered: Direction, wanted: Direction): Direction {
  const sends = (value: Direction) => value === 'sendrecv' || value === 'sendonly';
  const receives = (value: Direction) => value === 'sendrecv' || value === 'recvonly';
  const weSend = receives(offered) && sends(wanted);
  const weReceive = sends(offered) && receives(wanted);
  return weSend ? (weReceive ? 'sendrecv' : 'sendonly') : weReceive ? 'recvonly' : 'inactive';
}

/** The m-line of a refused medium (RFC 3264 §6: port 0, its formats kept). */
export const refusedMedia = (other: OtherMedia): string[] => [
  `m=${other.type} 0 ${other.protocol} ${other.formats}`,
  'c=IN IP4 0.0.0.0',
  'a=inactive',
  ...(other.mid === undefined ? [] : [`a=mid:${other.mid}`]),
];

/** rtpmap and fmtp lines of what we name. */
export function formatLines(
  codecs: readonly (AudioCodec & { clockRate: number; channels: number })[],
  events: readonly TelephoneEvents[],
): string[] {
  return [
    ...codecs.flatMap(({ name, payloadType, clockRate, channels, fmtp }) => [
      `a=rtpmap:${payloadType} ${name}/${clockRate}${channels > 1 ? `/${channels}` : ''}`,
      ...(fmtp ? [`a=fmtp:${payloadType} ${fmtp}`] : []),
    ]),
    ...events.flatMap(({ payloadType, clockRate }) => [
      `a=rtpmap:${payloadType} telephone-event/${clockRate}`,
      `a=fmtp:${payloadType} 0-16`,
    ]),
  ];
}

export const joined = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`;
