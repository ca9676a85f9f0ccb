import {
  createReception,
  parseRtp,
  qualityOf,
  RTP_HEADER_BYTES,
  type RtpHeader,
  type RtpPacket,
  readPlainRtp,
} from '@liaison/rtp';
import { type AudioCodec, type AudioMedia, clockRateOf } from '@liaison/sdp';
import { createComfortNoise } from './comfort-noise.ts';
import { createConversion } from './conversion.ts';
import type { EndVideo } from './end-video.ts';
import { createKeyPlayer } from './key-player.ts';
import { createKeyWatch } from './key-watch.ts';
import type { CodecName, EndQuality, EndState, EndStats, PacketPlace } from './media.ts';
import { createOutgoing, type OtherFormats, type Outgoing } from './outgoing.ts';
import type { TranscoderBudget } from './transcoder.ts';

/**
 * Without any packet for so long an end is called disconnected: a page that was closed says nothing, and ICE notices
 * after half a minute only. A muted or held browser still sends reports, five seconds apart in the mean.
 */
const SILENT_MS = 8000;
/** Between two packets. */
const NO_DATAGRAM = Buffer.alloc(0);

/** What a payload type means to the end that sends it. */
export type Format =
  | { kind: 'audio'; codec: CodecName }
  | { kind: 'events'; clockRate: number }
  | { kind: 'noise' };

/** A packet that an end received, on its way to its peer: used again for the next, so nobody keeps it. */
export interface Received {
  format: Format;
  header: RtpHeader;
  /** Taken apart, when it has more than the fixed header. */
  packet: RtpPacket | undefined;
  datagram: Buffer;
  nowMs: number;
}

/** As `parseRtp` gives it. */
const packetOf = ({ packet, header, datagram }: Received): RtpPacket =>
  packet ?? { ...header, csrcs: [], payload: datagram.subarray(RTP_HEADER_BYTES) };

export interface EndOptions {
  /** It pressed a key; `isTaken`: whoever hears it got that as a telephone event. */
  onKey?(key: string, isTaken: boolean): void;
  onState(state: EndState): void;
  /** A whole picture is wanted of it, and it cannot be asked in RTCP. */
  onPictureWanted?(): void;
  /** Sees each packet, before its header is written over. */
  saw?(what: 'audio' | 'video', direction: 'in' | 'out', datagram: Buffer): void;
  onError(error: unknown): void;
  /** It is about to make a pipe of native code (DTLS). */
  onPipe?(): void;
  transcoders: TranscoderBudget;
}

/** One end inside the media process: the same to the relay whether a browser or a telephone is there. */
export interface MediaEnd {
  readonly kind: 'webrtc' | 'rtp' | 'service';
  readonly state: EndState;
  /** What it can take, in its order; for a telephone that has not answered: what we offered. */
  readonly offered: readonly CodecName[];
  /** Agreed upon. */
  readonly codec: CodecName | undefined;
  /** What it asked for, to be told to its peer. */
  readonly ptimeMs: number | undefined;
  /** Whether it knows comfort noise (RFC 3389). */
  readonly takesNoise: boolean;
  /** Where its packets go; `undefined`: nowhere. Set by the relay. */
  target: MediaEnd | undefined;
  /** What is seen beside; ends with nobody behind them have none. */
  readonly video?: EndVideo;
  /** Sends it what another end received. False when it cannot take that. */
  play(received: Received): boolean;
  /** Plays it a key as a telephone event (RFC 4733). False when it takes none. */
  pressKey(key: string, durationMs: number): boolean;
  /** What is played from now on is another source. */
  interrupt(): void;
  stats(): Omit<EndStats, 'held' | 'peer'>;
  /** Since it was made. */
  ageMs(): number;
  /** Where its packets come from and go to. */
  placeOf?(what: 'audio' | 'video'): PacketPlace | undefined;
  close(): void;
}

/** How the packets of one kind of end travel. */
export interface EndTransport {
  /** Whether what is sent would reach it now. */
  canPlay(): boolean;
  /** False when it was dropped. */
  send(datagram: Buffer): boolean;
  sendRtcp(datagram: Buffer): void;
  /** Whether anybody is there to be told that we leave. */
  canSayBye(): boolean;
  stats(): Pick<EndStats, 'refused' | 'srtp' | 'video'>;
  close(): void;
}

/** What both kinds of ends share: state, counting, formats, forwarding, reports. The kinds add how they negotiate. */
export interface EndCore<Kind extends MediaEnd['kind']> extends MediaEnd {
  readonly kind: Kind;
  state: EndState;
  codec: CodecName | undefined;
  takesNoise: boolean;
  offered: readonly CodecName[];
  ptimeMs: number | undefined;
  readonly outgoing: Outgoing;
  setState(state: EndState): void;
  /** The formats that the other side may send us; further ones are added. */
  expectFormats(audio: Pick<AudioMedia, 'codecs' | 'telephoneEvents' | 'comfortNoise'>): void;
  /** What it takes from us. */
  agree(codec: AudioCodec, others: OtherFormats): void;
  payloadTypes(): Set<number>;
  /** One RTP datagram came in: count it and pass it on. Never throws. */
  receive(datagram: Buffer): void;
  receiveRtcp(datagram: Buffer): void;
  /** Starts sending reports, and watching for silence; safe to call again. */
  start(onSilence: (isSilent: boolean) => void): void;
}

export function createEndCore<Kind extends MediaEnd['kind']>(
  kind: Kind,
  transport: EndTransport,
  options: EndOptions,
): EndCore<Kind> {
  const reception = createReception();
  const outgoing = createOutgoing(reception);
  const conversion = createConversion({
    budget: options.transcoders,
    send: (format, packet, nowMs) => void put(outgoing.write(format, packet, nowMs), packet.payload.length),
    onError: options.onError,
  });
  const noise = createComfortNoise();
  const keysHeard = createKeyWatch();
  const keysPlayed = createKeyPlayer((payload, isFirst) => {
    if (transport.canPlay()) put(outgoing.key(payload, isFirst, performance.now()), 4);
  });
  const formats = new Map<number, Format>();
  const sent = { packets: 0, bytes: 0 };
  const header: RtpHeader = { payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc: 0 };
  const received: Received = {
    format: { kind: 'noise' },
    header,
    packet: undefined,
    datagram: NO_DATAGRAM,
    nowMs: 0,
  };
  const madeAtMs = performance.now();
  let unmapped = 0;
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

  function forward(datagram: Buffer) {
    options.saw?.('audio', 'in', datagram);
    const nowMs = performance.now();
    let payloadBytes = datagram.length - RTP_HEADER_BYTES;
    received.packet = undefined;
    if (!readPlainRtp(datagram, header)) {
      const packet = parseRtp(datagram);
      if (!packet) return;
      Object.assign(header, {
        payloadType: packet.payloadType,
        marker: packet.marker,
        sequence: packet.sequence,
        timestamp: packet.timestamp,
        ssrc: packet.ssrc,
      });
      payloadBytes = packet.payload.length;
      received.packet = packet;
    }
    heard(nowMs);
    reception.receive(header, payloadBytes, nowMs);
    if (!core.target) return;
    const format = formats.get(header.payloadType);
    if (!format) {
      unmapped += 1;
      return;
    }
    received.format = format;
    received.datagram = datagram;
    received.nowMs = nowMs;
    // Read before it is passed on, which writes another header over this one.
    const key =
      format.kind === 'events' ? keysHeard.heard(packetOf(received).payload, header, nowMs) : undefined;
    const isTaken = core.target.play(received);
    if (!isTaken) unmapped += 1;
    received.datagram = NO_DATAGRAM;
    if (key !== undefined) options.onKey?.(key, isTaken);
  }

  function quality(): EndQuality | undefined {
    const { codec } = core;
    if (codec === undefined) return undefined;
    const received = reception.stats();
    const remote = outgoing.rtcp.remote();
    const roundTripMs = remote?.roundTripMs;
    if (received.packets === 0 && !remote) return undefined;
    const heardOfUs = Math.max(0, sent.packets - (remote?.lost ?? 0));
    return {
      ...(received.packets > 0 ? { said: qualityOf({ codec, ...received, roundTripMs }) } : {}),
      ...(remote ? { heard: qualityOf({ codec, ...remote, packets: heardOfUs, roundTripMs }) } : {}),
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
    };
  }

  function put(datagram: Buffer | undefined, bytes: number): boolean {
    if (!datagram) return false;
    options.saw?.('audio', 'out', datagram);
    if (transport.send(datagram)) {
      sent.packets += 1;
      sent.bytes += bytes;
    }
    return true;
  }

  function playNoise(packet: RtpPacket, nowMs: number) {
    const { codec } = core;
    if (codec) put(outgoing.write({ kind: 'audio', codec }, packet, nowMs), packet.payload.length);
  }

  const core: EndCore<Kind> = {
    kind,
    outgoing,
    offered: [],
    ptimeMs: undefined,
    target: undefined,
    // Plain properties and no getters: V8 keeps an object with getters of its own as a dictionary, which every packet pays for.
    state: 'new',
    codec: undefined,
    takesNoise: false,
    setState(next) {
      if (next === core.state || core.state === 'closed') return;
      core.state = next;
      options.onState(next);
    },
    expectFormats({ codecs, telephoneEvents, comfortNoise }) {
      if (comfortNoise !== undefined) formats.set(comfortNoise, { kind: 'noise' });
      for (const known of codecs) formats.set(known.payloadType, { kind: 'audio', codec: known.name });
      for (const events of telephoneEvents)
        formats.set(events.payloadType, { kind: 'events', clockRate: events.clockRate });
    },
    agree({ name, payloadType }, others) {
      noise.stop();
      core.codec = name;
      reception.setClockRate(clockRateOf(name));
      outgoing.agree(name, payloadType, others);
      core.takesNoise = outgoing.takesNoise;
    },
    payloadTypes: () => new Set(formats.keys()),
    receive(datagram) {
      // One packet that we do not survive must not end the calls of all the others in this process.
      try {
        forward(datagram);
      } catch (error) {
        options.onError(error);
      }
    },
    receiveRtcp(datagram) {
      try {
        const nowMs = performance.now();
        if (outgoing.rtcp.receive(datagram, nowMs)) heard(nowMs);
      } catch (error) {
        options.onError(error);
      }
    },
    start(onSilence) {
      if (reports) return;
      const next = () => {
        reports = setTimeout(() => {
          transport.sendRtcp(outgoing.rtcp.report(performance.now()));
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
    play(source) {
      if (!transport.canPlay()) {
        outgoing.interrupt(); // what is not sent leaves no gap
        return true;
      }
      const { codec } = core;
      if (codec === undefined) return false;
      const { format, nowMs } = source;
      if (format.kind === 'noise' && (conversion.isActive || !outgoing.takesNoise)) {
        const packet = packetOf(source);
        conversion.skip(packet, nowMs);
        noise.start(packet.payload, codec, playNoise);
        return true;
      }
      noise.stop();
      if (format.kind === 'audio') {
        if (format.codec !== codec) return conversion.audio(format.codec, codec, packetOf(source), nowMs);
        if (conversion.isActive) conversion.stop(); // it speaks our codec now
        if (!source.packet) {
          const { datagram, header } = source;
          return put(outgoing.pass(header, datagram, nowMs), datagram.length - RTP_HEADER_BYTES);
        }
      }
      const packet = packetOf(source);
      if (conversion.isActive && format.kind === 'events') {
        if (outgoing.takesKeys) conversion.other(format, packet, nowMs);
        else conversion.skip(packet, nowMs);
        return outgoing.takesKeys;
      }
      return put(outgoing.write(format, packet, nowMs), packet.payload.length);
    },
    pressKey: (key, durationMs) =>
      transport.canPlay() && outgoing.takesKeys && keysPlayed.press(key, durationMs),
    ageMs: () => performance.now() - madeAtMs,
    interrupt() {
      noise.stop();
      conversion.stop();
      outgoing.interrupt();
    },
    stats() {
      const remote = outgoing.rtcp.remote();
      const measured = quality();
      return {
        kind,
        state: core.state,
        received: reception.stats(),
        sent: { ...sent },
        unmapped,
        ...(remote ? { remote } : {}),
        ...(measured ? { quality: measured } : {}),
        ...(core.codec ? { codec: core.codec } : {}),
        ...(conversion.isActive ? { transcoded: true } : {}),
        ...(conversion.stats ? { jitterBuffer: { ...conversion.stats } } : {}),
        ...transport.stats(),
      };
    },
    close() {
      if (core.state === 'closed') return;
      clearTimeout(reports);
      clearInterval(watch);
      keysPlayed.close();
      tellSilence = () => {};
      if (transport.canSayBye()) transport.sendRtcp(outgoing.rtcp.bye(performance.now()));
      conversion.stop();
      noise.stop();
      core.state = 'closed';
      core.target = undefined;
      transport.close();
    },
  };
  return core;
}
