import { createReception, parseRtp, type Reception, type RtpPacket } from '@liaison/rtp';
import { type AudioMedia, clockRateOf, type TelephoneEvents } from '@liaison/sdp';
import type { CodecName, EndState, EndStats } from './media.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';

/**
 * Without any packet for so long an end is called disconnected: a page that was closed says nothing, and ICE notices
 * after half a minute only. A muted or held browser still sends reports, five seconds apart in the mean.
 */
const SILENT_MS = 8000;

/** What a payload type means to the end that sends it. */
export type Format = { kind: 'audio'; codec: CodecName } | { kind: 'events'; clockRate: number };

/** A packet that an end received, on its way to its peer. */
export interface Received {
  format: Format;
  packet: RtpPacket;
  datagram: Buffer;
  nowMs: number;
}

export interface EndOptions {
  onState(state: EndState): void;
  onError(error: unknown): void;
}

/** One end inside the media process: the same to the relay whether a browser or a telephone is there. */
export interface MediaEnd {
  readonly kind: 'webrtc' | 'rtp';
  readonly state: EndState;
  /** What it can take, in its order; for a telephone that has not answered: what we offered. */
  readonly offered: readonly CodecName[];
  /** Agreed upon. */
  readonly codec: CodecName | undefined;
  /** What it asked for, to be told to its peer. */
  readonly ptimeMs: number | undefined;
  /** Where its packets go; `undefined`: nowhere. Set by the relay. */
  target: MediaEnd | undefined;
  /** Sends it what another end received. False when it cannot take that. */
  play(received: Received): boolean;
  /** What is played from now on is another source. */
  interrupt(): void;
  stats(): Omit<EndStats, 'held' | 'peer'>;
  close(): void;
}

/** What both kinds of ends share: counting, formats, forwarding, reports. */
export interface EndCore {
  readonly outgoing: Outgoing;
  readonly reception: Reception;
  codec: CodecName | undefined;
  unmapped: number;
  sent: { packets: number; bytes: number };
  /** The formats that the other side may send us; further ones are added. */
  expectFormats(audio: Pick<AudioMedia, 'codecs' | 'telephoneEvents'>): void;
  /** What it takes from us. */
  agree(codec: CodecName, payloadType: number, events: readonly TelephoneEvents[]): void;
  payloadTypes(): Set<number>;
  /** One RTP datagram came in: count it and pass it on. */
  receive(datagram: Buffer, target: MediaEnd | undefined): void;
  receiveRtcp(datagram: Buffer): void;
  /** Starts sending reports, and watching for silence; safe to call again. */
  start(send: (datagram: Buffer) => void, onSilence: (isSilent: boolean) => void): void;
  stop(): void;
}

export function createEndCore(): EndCore {
  const reception = createReception();
  const outgoing = createOutgoing(reception);
  const formats = new Map<number, Format>();
  let reports: NodeJS.Timeout | undefined;
  let watch: NodeJS.Timeout | undefined;
  let heardAtMs = 0;
  let isSilent = false;
  let tellSilence: (isSilent: boolean) => void = () => {};

  function heard(nowMs: number) {
    heardAtMs = nowMs;
    if (!isSilent) return;
    isSilent = false;
    tellSilence(false);
  }

  const core: EndCore = {
    outgoing,
    reception,
    codec: undefined,
    unmapped: 0,
    sent: { packets: 0, bytes: 0 },
    expectFormats({ codecs, telephoneEvents }) {
      for (const codec of codecs) formats.set(codec.payloadType, { kind: 'audio', codec: codec.name });
      for (const events of telephoneEvents)
        formats.set(events.payloadType, { kind: 'events', clockRate: events.clockRate });
    },
    agree(codec, payloadType, events) {
      core.codec = codec;
      reception.setClockRate(clockRateOf(codec));
      outgoing.agree(codec, payloadType, events);
    },
    payloadTypes: () => new Set(formats.keys()),
    receive(datagram, target) {
      const packet = parseRtp(datagram);
      if (!packet) return;
      const nowMs = performance.now();
      heard(nowMs);
      reception.receive(packet, packet.payload.length, nowMs);
      if (!target) return;
      const format = formats.get(packet.payloadType);
      if (!format || !target.play({ format, packet, datagram, nowMs })) core.unmapped += 1;
    },
    receiveRtcp(datagram) {
      const nowMs = performance.now();
      if (outgoing.rtcp.receive(datagram, nowMs)) heard(nowMs);
    },
    start(send, onSilence) {
      if (reports) return;
      const next = () => {
        reports = setTimeout(() => {
          send(outgoing.rtcp.report(performance.now()));
          next();
        }, outgoing.rtcp.nextDelayMs()).unref();
      };
      next();
      tellSilence = onSilence;
      heardAtMs = performance.now();
      watch = setInterval(() => {
        if (isSilent || performance.now() - heardAtMs < SILENT_MS) return;
        isSilent = true;
        tellSilence(true);
      }, 1000).unref();
    },
    stop() {
      clearTimeout(reports);
      clearInterval(watch);
      tellSilence = () => {};
    },
  };
  return core;
}

/** The part of the statistics that does not depend on the kind of end. */
export function statsOf(
  core: EndCore,
): Pick<EndStats, 'received' | 'sent' | 'unmapped' | 'remote' | 'codec'> {
  const remote = core.outgoing.rtcp.remote();
  return {
    received: core.reception.stats(),
    sent: { ...core.sent },
    unmapped: core.unmapped,
    ...(remote ? { remote } : {}),
    ...(core.codec ? { codec: core.codec } : {}),
  };
}
