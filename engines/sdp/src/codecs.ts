/** The audio codecs that Liaison relays. */

export type CodecName = 'opus' | 'G722' | 'PCMU' | 'PCMA';

export interface AudioCodec {
  name: CodecName;
  payloadType: number;
  fmtp?: string;
}

export interface TelephoneEvents {
  payloadType: number;
  clockRate: number;
}

interface Registration {
  /** As written in rtpmap, after the name. */
  clockRate: number;
  channels: number;
  /** RFC 3551 §6, where there is one. */
  staticPayloadType?: number;
  /** What we offer it on. */
  payloadType: number;
  fmtp?: string;
}

/** Our order of preference. */
export const CODEC_NAMES: readonly CodecName[] = ['opus', 'G722', 'PCMU', 'PCMA'];

export const CODECS: Readonly<Record<CodecName, Registration>> = {
  // RFC 7587 §7: always 48000/2, whatever is sent
  opus: { clockRate: 48000, channels: 2, payloadType: 96, fmtp: 'minptime=10;useinbandfec=1' },
  // RFC 3551 §4.5.2: 16 kHz sound on an 8 kHz clock, for a mistake that stayed
  G722: { clockRate: 8000, channels: 1, staticPayloadType: 9, payloadType: 9 },
  PCMU: { clockRate: 8000, channels: 1, staticPayloadType: 0, payloadType: 0 },
  PCMA: { clockRate: 8000, channels: 1, staticPayloadType: 8, payloadType: 8 },
};

/** RFC 3389 §4: comfort noise at 8 kHz. */
export const COMFORT_NOISE_PAYLOAD_TYPE = 13;

/** Timestamp units per second on the wire. */
export const clockRateOf = (name: CodecName): number => CODECS[name].clockRate;

/** The codec of an rtpmap; encoding names do not know case (RFC 4855 §3). */
export function codecOf(encoding: string, clockRate: number, channels: number): CodecName | undefined {
  const wanted = encoding.toLowerCase();
  return CODEC_NAMES.find((name) => {
    const known = CODECS[name];
    return name.toLowerCase() === wanted && known.clockRate === clockRate && known.channels === channels;
  });
}

/** The codec of a payload type without rtpmap. */
export const staticCodec = (payloadType: number): CodecName | undefined =>
  CODEC_NAMES.find((name) => CODECS[name].staticPayloadType === payloadType);

/** Keeps what is a codec of ours, in the given order, once each. */
export function knownCodecs(names: readonly string[]): CodecName[] {
  const known = names
    .map((given) => CODEC_NAMES.find((name) => name.toLowerCase() === given.toLowerCase()))
    .filter((name) => name !== undefined);
  return [...new Set(known)];
}

/** The telephone-event format that goes with a codec: on its clock where there is one (RFC 4733 §2.1). */
export function eventsFor(
  codec: CodecName,
  formats: readonly TelephoneEvents[],
): TelephoneEvents | undefined {
  return formats.find((format) => format.clockRate === clockRateOf(codec)) ?? formats[0];
}

/** The comfort noise that goes with a codec: it has one clock (RFC 3389 §4), which must be the sound's. */
export const comfortNoiseFor = (codec: CodecName, audio: { comfortNoise?: number }): number | undefined =>
  clockRateOf(codec) === 8000 ? audio.comfortNoise : undefined;
