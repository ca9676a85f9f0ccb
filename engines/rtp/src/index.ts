export {
  buildFeedback,
  type Feedback,
  type FeedbackPacket,
  readFeedback,
} from './feedback.ts';
export { decodeG711, encodeG711, type G711Law } from './g711.ts';
export { createG722Decoder, createG722Encoder, type G722Decoder, type G722Encoder } from './g722.ts';
export { createJitterBuffer, type JitterBuffer, type JitterBufferStats } from './jitter-buffer.ts';
export { createLatch, type Latch, plainAddress, type SocketAddress } from './latch.ts';
export { createPortPool, NoPortFreeError, type PortPool } from './port-pool.ts';
export { mosOf, qualityOf, ratingOf, type StreamQuality } from './quality.ts';
export { createReception, type Reception, type ReceptionStats } from './reception.ts';
export { createResampler, type Resampler } from './resampler.ts';
export { createRewriter, type Rewriter, type Rewritten, type SourceFields } from './rewriter.ts';
export {
  type Bye,
  buildRtcp,
  type OtherRtcp,
  parseRtcp,
  type ReceiverReport,
  type ReportBlock,
  type RtcpPacket,
  type SenderReport,
  type SourceDescription,
} from './rtcp-packet.ts';
export { createRtcpSession, type RemoteView, type RtcpSession } from './rtcp-session.ts';
export {
  buildRtp,
  isRtcp,
  parseRtp,
  RTP_HEADER_BYTES,
  RTP_MAX_BYTES,
  type RtpFields,
  type RtpHeader,
  type RtpPacket,
  readPlainRtp,
  writePlainRtp,
} from './rtp-packet.ts';
export {
  type DtlsTunnel,
  openRtpSocket,
  type RtpRemote,
  type RtpSocket,
  type RtpSocketOptions,
} from './rtp-socket.ts';
export { type BoundPair, createSparePairs, type SparePairs, type SparePairsOptions } from './spare-pairs.ts';
export { createSrtpReceiver, createSrtpSender, type SrtpReceiver, type SrtpSender } from './srtp/srtp.ts';
export { SRTP_SUITES, type SrtpMaster, type SrtpSuite, srtpMaster } from './srtp/suites.ts';
export {
  buildTelephoneEvent,
  eventOfKey,
  parseTelephoneEvent,
  type TelephoneEvent,
} from './telephone-event.ts';
