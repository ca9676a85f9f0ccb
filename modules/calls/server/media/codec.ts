import { Decoder, Encoder } from '@evan/opus';
import { createG722Decoder, createG722Encoder, createResampler, decodeG711, encodeG711 } from '@liaison/rtp';
import type { CodecName } from './media.ts';

/** The codecs themselves, for a transcoder: one stream each way, samples of 16 bits between. */

/** The rates of telephone sound; Opus takes and gives either, and resamples by itself. */
export type SampleRate = 8000 | 16_000;

export const FRAME_MS = 20;

/** The rate at which a codec is decoded for another: that of the other when Opus can give it. */
export const sampleRateOf = (codec: CodecName): SampleRate =>
  codec === 'PCMU' || codec === 'PCMA' ? 8000 : 16_000;

/** Throws on bytes that are no sound of that codec. */
export type Decode = (payload: Buffer) => Int16Array;
export type Encode = (samples: Int16Array) => Buffer;

export function createDecode(codec: CodecName, rate: SampleRate): Decode {
  switch (codec) {
    case 'opus': {
      // RFC 7587 §4.1: a decoder may choose its rate and channels, whatever was sent
      const decoder = new Decoder({ channels: 1, sample_rate: rate });
      return (payload) => {
        const bytes = decoder.decode(payload);
        return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
      };
    }
    case 'G722': {
      const decoder = createG722Decoder();
      const resampler = createResampler(16_000, rate);
      return (payload) => resampler.process(decoder.decode(payload));
    }
    case 'PCMU':
    case 'PCMA': {
      const resampler = createResampler(8000, rate);
      return (payload) => resampler.process(decodeG711(codec, payload));
    }
  }
}

/** Takes whole frames of 20 ms at `rate`. */
export function createEncode(codec: CodecName, rate: SampleRate): Encode {
  switch (codec) {
    case 'opus': {
      const encoder = new Encoder({ channels: 1, sample_rate: rate, application: 'voip' });
      encoder.bitrate = rate === 8000 ? 16_000 : 28_000;
      encoder.complexity = 5;
      encoder.inband_fec = true; // RFC 7587 §6.1: our SDP says useinbandfec=1
      encoder.packet_loss = 5;
      return (samples) =>
        Buffer.from(encoder.encode(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)));
    }
    case 'G722': {
      const encoder = createG722Encoder();
      const resampler = createResampler(rate, 16_000);
      return (samples) => encoder.encode(resampler.process(samples));
    }
    case 'PCMU':
    case 'PCMA': {
      const resampler = createResampler(rate, 8000);
      return (samples) => encodeG711(codec, resampler.process(samples));
    }
  }
}
