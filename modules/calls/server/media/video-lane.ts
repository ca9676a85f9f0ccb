import { randomInt } from 'node:crypto';
import {
  buildFeedback,
  buildRtcp,
  buildRtp,
  createReception,
  createRewriter,
  createRtcpSession,
  type FeedbackPacket,
  parseRtcp,
  parseRtp,
  RTP_HEADER_BYTES,
  type RtpHeader,
  readFeedback,
  readPlainRtp,
  writePlainRtp,
} from '@liaison/rtp';
import { VIDEO_BITS_PER_SECOND, VIDEO_CLOCK_RATE, type VideoFormat } from '@liaison/sdp';
import type { VideoStats } from './media.ts';

/** What is let through of one sender: twice what it was asked for, and at once as much as a whole picture may be. */
const MAX_BYTES_PER_SECOND = VIDEO_BITS_PER_SECOND / 4;
/** More often than this nobody is asked for a whole picture. */
const KEY_FRAME_EVERY_MS = 400;
/** RFC 4585 §3.4: with feedback, reports may come more often; a sender finds its rate by them. */
const REPORT_MS = 1000;

export interface VideoTransport {
  canPlay(): boolean;
  send(datagram: Buffer): boolean;
  sendRtcp(datagram: Buffer): void;
  onError(error: unknown): void;
  /** A whole picture is wanted of this end, which has agreed on no way to be asked for it in RTCP. */
  onPictureWanted?(): void;
}

/**
 * The video of one end: passed to its peer as it comes, with our numbers and the peer's payload type. What the peer asks
 * for (a whole picture, a lost packet) is asked of this end.
 *
 * Never transcoded: packets flow only between lanes of the same key. Whoever makes it closes it.
 */
export interface VideoLane {
  /** Of what this end receives. */
  readonly ssrc: number;
  /** Agreed with this end. */
  readonly format: VideoFormat | undefined;
  /** Who gets what this end sends, and whose pictures it receives; `undefined`: nobody. Set by the relay. */
  target: VideoLane | undefined;
  agree(format: VideoFormat | undefined): void;
  /** One RTP datagram of this end; the buffer is ours to change. Never throws. */
  receive(datagram: Buffer): void;
  /** RTCP of this end, of which only what is about video is read. Never throws. */
  receiveRtcp(datagram: Buffer): void;
  play(header: RtpHeader, datagram: Buffer, isPlain: boolean, nowMs: number): void;
  /** Asks this end for a whole picture. */
  askForKeyFrame(): void;
  /** Asks this end for packets that did not arrive at its peer, by the numbers of this end. */
  askAgain(sequences: number[]): void;
  /** The number that the source which is played here gave to a packet of ours. */
  sourceSequence(sequence: number): number | undefined;
  /** What is played from now on is another source. */
  interrupt(): void;
  stats(): VideoStats | undefined;
  close(): void;
}

export function createVideoLane(
  transport: VideoTransport,
  cname: string,
  now: () => number = () => performance.now(),
): VideoLane {
  const ssrc = randomInt(1, 2 ** 32);
  const reception = createReception(VIDEO_CLOCK_RATE);
  const rewriter = createRewriter({ ssrc, sequence: randomInt(2 ** 15), timestamp: randomInt(2 ** 32) });
  const rtcp = createRtcpSession({ ssrc, cname, reception });
  const header: RtpHeader = { payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc: 0 };
  const sent = { packets: 0, bytes: 0 };
  let format: VideoFormat | undefined;
  /** The stream that this end sends. */
  let theirs: number | undefined;
  let allowance = MAX_BYTES_PER_SECOND;
  let allowedAtMs = now();
  let dropped = 0;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let askLater: NodeJS.Timeout | undefined;
  let command = 0;
  let reports: NodeJS.Timeout | undefined;
  let closed = false;

  const guarded = (act: () => void): void => {
    // One packet that we do not survive must not end the calls of all the others in this process.
    try {
      act();
    } catch (error) {
      transport.onError(error);
    }
  };

  function isWithinBandwidth(bytes: number, nowMs: number): boolean {
    allowance = Math.min(
      MAX_BYTES_PER_SECOND,
      allowance + ((nowMs - allowedAtMs) * MAX_BYTES_PER_SECOND) / 1000,
    );
    allowedAtMs = nowMs;
    if (allowance < bytes) return false;
    allowance -= bytes;
    return true;
  }

  function forward(datagram: Buffer): void {
    const nowMs = now();
    const isPlain = readPlainRtp(datagram, header);
    if (!isPlain) {
      const packet = parseRtp(datagram);
      if (!packet) return;
      const { payloadType, marker, sequence, timestamp, ssrc: source } = packet;
      Object.assign(header, { payloadType, marker, sequence, timestamp, ssrc: source });
    }
    if (header.payloadType !== format?.payloadType || !isWithinBandwidth(datagram.length, nowMs)) {
      dropped += 1;
      return;
    }
    theirs = header.ssrc;
    reception.receive(header, datagram.length - RTP_HEADER_BYTES, nowMs);
    lane.target?.play(header, datagram, isPlain, nowMs);
  }

  function asked(feedback: FeedbackPacket): void {
    if (feedback.media !== ssrc) return;
    const source = lane.target;
    if (feedback.kind !== 'nack') {
      source?.askForKeyFrame();
      return;
    }
    const sequences = feedback.sequences
      .map((sequence) => rewriter.sourceSequence(sequence))
      .filter((sequence) => sequence !== undefined);
    if (sequences.length > 0) source?.askAgain(sequences);
  }

  /** Behind a report, as RFC 4585 §3.1 asks. */
  function say(feedback: FeedbackPacket): void {
    const report = parseRtcp(rtcp.report(now())) ?? [];
    transport.sendRtcp(buildRtcp([...report, buildFeedback(feedback)]));
  }

  function askNow(): void {
    if (theirs === undefined || !format || closed) return;
    askedAtMs = now();
    const { pli, fir } = format.feedback;
    if (!pli && !fir) transport.onPictureWanted?.();
    // Who names neither may know either: the older one does less harm where it is unknown.
    if (pli || !fir) say({ kind: 'picture-loss', sender: ssrc, media: theirs });
    else {
      command = (command + 1) & 0xff;
      say({ kind: 'full-intra', command, sender: ssrc, media: theirs });
    }
  }

  const lane: VideoLane = {
    ssrc,
    get format() {
      return format;
    },
    target: undefined,
    agree(next) {
      format = next;
      if (!next || reports || closed) return;
      reports = setInterval(() => {
        if (format && (theirs !== undefined || sent.packets > 0)) transport.sendRtcp(rtcp.report(now()));
      }, REPORT_MS).unref();
    },
    receive: (datagram) => guarded(() => forward(datagram)),
    receiveRtcp: (datagram) =>
      guarded(() => {
        if (!format) return;
        rtcp.receive(datagram, now());
        for (const packet of parseRtcp(datagram) ?? []) {
          const feedback = packet.type === 'other' ? readFeedback(packet) : undefined;
          if (feedback) asked(feedback);
        }
      }),
    play(source, datagram, isPlain, nowMs) {
      if (!format || lane.target?.format?.key !== format.key) return;
      if (!transport.canPlay()) return rewriter.interrupt(); // what is not sent leaves no gap
      const fields = rewriter.rewrite(source, VIDEO_CLOCK_RATE, nowMs);
      if (!fields) return;
      const { sequence, timestamp } = fields;
      const { payloadType } = format;
      // The marker ends a picture, whoever begins: it stays as it came.
      const written = { payloadType, marker: source.marker, sequence, timestamp, ssrc };
      let out = datagram;
      if (isPlain) writePlainRtp(datagram, written);
      else {
        const packet = parseRtp(datagram);
        if (!packet) return;
        // Padding alone probes a path; it has no place in another one, but its number does.
        out = buildRtp({ ...written, payload: packet.payload });
      }
      rtcp.sent(timestamp, out.length - RTP_HEADER_BYTES, VIDEO_CLOCK_RATE, nowMs);
      if (!transport.send(out)) return;
      sent.packets += 1;
      sent.bytes += out.length;
    },
    askForKeyFrame() {
      if (askLater) return;
      const waitMs = askedAtMs + KEY_FRAME_EVERY_MS - now();
      if (waitMs <= 0) return guarded(askNow);
      askLater = setTimeout(() => {
        askLater = undefined;
        guarded(askNow);
      }, waitMs).unref();
    },
    askAgain(sequences) {
      if (theirs === undefined || !format?.feedback.nack) return;
      say({ kind: 'nack', sequences, sender: ssrc, media: theirs });
    },
    sourceSequence: (sequence) => rewriter.sourceSequence(sequence),
    interrupt: () => rewriter.interrupt(),
    stats() {
      if (!format) return undefined;
      const { packets, bytes } = reception.stats();
      return { codec: format.key, received: { packets, bytes }, sent: { ...sent }, dropped };
    },
    close() {
      closed = true;
      clearInterval(reports);
      clearTimeout(askLater);
      lane.target = undefined;
    },
  };
  return lane;
}
