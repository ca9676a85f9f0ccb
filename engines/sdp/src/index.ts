export {
  type BrowserAudio,
  type Candidate,
  codecsOffered,
  type LocalAudio,
  type LocalTransport,
  pick,
  readBrowser,
  readLocalTransport,
  type TransportParameters,
  writeBrowserAnswer,
  writeBrowserOffer,
} from './browser.ts';
export {
  type AudioCodec,
  CODEC_NAMES,
  CODECS,
  COMFORT_NOISE_PAYLOAD_TYPE,
  type CodecName,
  clockRateOf,
  comfortNoiseFor,
  eventsFor,
  knownCodecs,
  type TelephoneEvents,
} from './codecs.ts';
export {
  CRYPTO_SUITES,
  type CryptoAttribute,
  type CryptoSuite,
  cryptoMaterialBytes,
  OFFERED_CRYPTO_SUITES,
} from './crypto.ts';
export type { DtlsParameters, Fingerprint, Setup } from './dtls.ts';
export { type AudioMedia, answerDirection, type Direction, type OtherMedia } from './media-description.ts';
export { SdpError, type SdpErrorCode } from './sdp-error.ts';
export {
  type LocalSession,
  offeredFormats,
  readTelephone,
  type TelephoneAudio,
  writeTelephoneAnswer,
  writeTelephoneOffer,
} from './telephone.ts';
export {
  type LocalTelephoneVideo,
  offeredVideoFormats,
  type TelephoneVideo,
} from './telephone-video.ts';
export {
  answeredFormat,
  answeredVideo,
  type LocalVideo,
  VIDEO_BITS_PER_SECOND,
  VIDEO_CLOCK_RATE,
  VIDEO_KEYS,
  type VideoFeedback,
  type VideoFormat,
  type VideoKey,
  type VideoMedia,
} from './video.ts';
