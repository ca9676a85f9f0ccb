/**
 * What the rest of the calls module may ask of media. The sound itself never passes through the process that
 * asks: each relay lives in a child process (media-process.ts), driven over IPC by the pool (media-pool.ts).
 *
 * The usual orders, with `codecsOffered(browserOffer)` from `@liaison/sdp`:
 *
 * Browser rings telephones: for each telephone `rtpOffer('t1', { codecs })` → its INVITE. The first 200 wins:
 * `rtpAccept('t1', sdp, ip)`, `connect('browser', 't1')`, `webrtcAnswer('browser', offer)`, and
 * `removeEnd` for the others. Answering the browser last lets it send the codec that the telephone chose.
 *
 * Telephone rings browsers: the browser that answers sends its offer: `connect('phone', 'browser')`,
 * `rtpAnswer('phone', inviteSdp, ip, { codecs })` → the 200, `webrtcAnswer('browser', offer)` → the page.
 *
 * Browser and browser, or telephone and telephone: two answers and a `connect`.
 *
 * Two ends that share a codec speak it; what shares none is transcoded, as long as the process has transcoders to give,
 * and refused with `no-common-codec` beyond.
 */

import type { StreamQuality } from '@liaison/rtp';
import type { VideoKey } from '@liaison/sdp';
import type { ToneStep } from './tones.ts';

/** A name the caller gives to one end of a relay: 1 to 64 characters of A-Z, a-z, 0-9, `-`, `_`, `.`, `:`. */
export type EndId = string;

/** The codecs a relay carries, in the spelling of their SDP registrations. */
export type CodecName = 'opus' | 'G722' | 'PCMU' | 'PCMA';

export interface MediaPool {
  /** A new, empty relay; starts a media process when there is none yet (about 0.3 s the first time). */
  createRelay(): Promise<Relay>;
  /** Closes every relay and ends the processes. Nothing can be created afterwards. */
  stop(): Promise<void>;
  stats(): MediaPoolStats;
}

export interface MediaPoolStats {
  /** Process ids of the media processes that run. */
  processes: number[];
  relays: number;
  /** Media processes that ended without having been asked to, since the pool was made. */
  crashes: number;
}

/**
 * Any number of ends, of which connected pairs hear each other. An end comes into being when it is first named in
 * an offer or answer, and may be replaced at any time by naming it again (a page reload, an ICE restart, a
 * re-INVITE): its peer hears one unbroken stream.
 *
 * Every method rejects with a `MediaError`.
 */
export interface Relay {
  readonly id: string;
  /** What it is asked is begun in the order in which it was asked, also where nobody waits for what came before. */
  readonly keepsOrder: boolean;

  /**
   * A browser offered (whole SDP, no trickle needed), we answer. Exactly one codec is answered: the peer's when one
   * is connected and known, else the first of `codecs` (default: the browser's own order) that the browser offers.
   * Offering again on the same ICE credentials renegotiates without interrupting; other credentials replace the end.
   */
  webrtcAnswer(end: EndId, browserOffer: string, options?: AnswerOptions): Promise<WebrtcAnswer>;

  /**
   * We ring a browser that signals by itself (SIP over WebSocket): the SDP for its INVITE, codecs as in `rtpOffer`. Called again
   * on the same end it is the re-INVITE's. `video`: what whoever calls it can show; later offers keep what was agreed.
   */
  webrtcOffer(
    end: EndId,
    options?: CodecOptions & Pick<RtpOfferOptions, 'video' | 'readBy'>,
  ): Promise<{ offer: string }>;

  /** That browser's answer. */
  webrtcAccept(end: EndId, browserAnswer: string): Promise<{ codec: CodecName }>;

  /**
   * We ring a telephone: the SDP for its INVITE, by default with all our codecs or those the connected peer can
   * take. Called again on the same end it is the re-INVITE's SDP: same port, next version, `a=inactive` while held.
   */
  rtpOffer(end: EndId, options?: RtpOfferOptions): Promise<{ offer: string }>;

  /** The telephone's answer (183 or 200). `signalledFrom`: the IP address its signalling came from. */
  rtpAccept(end: EndId, telephoneAnswer: string, signalledFrom: string): Promise<Agreed>;

  /** The telephone refused what `rtpOffer` gave for a re-INVITE: what was agreed before stands (RFC 3261 §14.1). */
  rtpRefused(end: EndId): Promise<void>;

  /** A telephone offered (INVITE or re-INVITE), we answer with one codec, chosen as in `webrtcAnswer`. */
  rtpAnswer(
    end: EndId,
    telephoneOffer: string,
    signalledFrom: string,
    options?: CodecOptions,
  ): Promise<{ answer: string } & Agreed>;

  /**
   * These two ends hear each other from now on, and nobody else. Ends that do not exist yet may be named: their
   * codec is then chosen to match. Rejects with `no-common-codec` when both are known, share none, and cannot be transcoded. When they
   * share one that an end is not sending yet, or one shows what the other has not agreed to see, `renegotiate` names who could
   * change that: let it offer again, or offer to it with `match`. May be asked again at any time for what that came to.
   */
  connect(x: EndId, y: EndId): Promise<{ codec?: CodecName; renegotiate: EndId[] }>;

  /** Nothing flows to or from that end while held. */
  hold(end: EndId, held: boolean): Promise<void>;

  /**
   * An end with nobody behind it, that plays tones to whom it is connected to and then does what its program says. Resolves
   * when the tones were played once, or after a few seconds when nobody came to hear them.
   */
  serve(end: EndId, program: ServiceProgram): Promise<void>;

  /**
   * This end pressed a key (`0-9*#A-D`) and said so elsewhere than in its sound (SIP INFO): whoever hears it gets a telephone
   * event, where it takes any. Told by `onKey` like one that came with the sound.
   */
  pressKey(end: EndId, key: string, durationMs: number): Promise<void>;

  /** This end has asked, elsewhere than in RTCP, for a whole picture of what it sees. */
  askForPicture(end: EndId): Promise<void>;

  /** Closes one end and gives its port back; unknown ends are ignored. */
  removeEnd(end: EndId): Promise<void>;

  /** The figures of this moment, quality included. */
  stats(): Promise<RelayStats>;

  /**
   * The headers of RTP packets since this was asked last, never what is said in them. Asking begins it; who asks no more for ten
   * seconds ends it.
   */
  headers(): Promise<WatchedPackets>;

  /**
   * Closes every end and reports on all there were. Safe to call twice, and after the process was lost: the report is then
   * empty.
   */
  close(): Promise<RelayReport>;

  /** Called once if the media process dies under the relay; it cannot be used afterwards. */
  onLost(handler: () => void): void;

  /**
   * Called when a whole picture is wanted of an end that has agreed on no way to be asked for it in RTCP (RFC 5168). May be lost
   * between processes; who sees none asks again.
   */
  onPictureWanted(handler: (end: EndId) => void): void;

  /** Called when an end becomes able to carry sound (first packet, DTLS done), stops being so, or fails. */
  onEndState(handler: (end: EndId, state: EndState) => void): void;

  /** Called once for each key that an end presses while somebody hears it. May be lost between processes. */
  onKey(handler: (end: EndId, press: KeyPressed) => void): void;
}

export interface KeyPressed {
  /** `0-9*#A-D`. */
  key: string;
  /** Whoever hears that end got it as a telephone event; otherwise it takes none, and may be told in another way. */
  isTaken: boolean;
}

export interface CodecOptions {
  /** Names in order of preference; unknown names are ignored. */
  codecs?: readonly string[];
}

/**
 * How an offer speaks of SRTP (keys in SDP, RFC 4568): not at all; as a wish beside RTP/AVP, which most telephones take or
 * leave; or as RTP/SAVP, which is refused by whoever cannot. Keys belong only where signalling is encrypted (RFC 4568 §7).
 * `dtls`: UDP/TLS/RTP/SAVP without ICE (RFC 5763), where only certificates are named.
 * An offer that we answer is taken as it is: protected when it has a key that we can use.
 */
export type SrtpUse = 'never' | 'optional' | 'required' | 'dtls';

export interface RtpOfferOptions extends CodecOptions {
  /** Of the first offer to an end (default `never`); later ones keep what was agreed. */
  srtp?: SrtpUse;
  /** What whoever calls it can show; none unless given. Later offers keep what was agreed. */
  video?: readonly VideoKey[];
  /**
   * A later offer that asks anew: the codec of the connected peer before what was agreed, and the format in which both would
   * see each other; `wished`: also where neither shows anything yet, because the peer is about to.
   */
  match?: OfferMatch;
  /** H.264: what whoever calls it can read (a profile-level-id), where nobody is connected to it yet. */
  readBy?: string;
}

export type OfferMatch = 'agreed' | 'wished';

export interface AnswerOptions extends CodecOptions {
  /** Chosen to match that end, as if the two were connected already. */
  with?: EndId;
}

/** What a telephone speaks, and shows or sees. */
export interface Agreed {
  codec: CodecName;
  video?: VideoKey;
}

/** What an end with nobody behind it does: `echo` says back what it hears, `repeat` plays its tones again and again. */
export interface ServiceProgram {
  readonly tones: readonly ToneStep[];
  readonly after: 'echo' | 'repeat' | 'silence';
}

export interface WebrtcAnswer {
  answer: string;
  codec: CodecName;
}

/**
 * `new` → `connected` ⇄ `disconnected` (nothing heard for 8 s: a page that was closed; or a telephone that holds or
 * suppresses silence); `failed` (DTLS ended, or ICE gave up) and `closed` are final for this end.
 */
export type EndState = 'new' | 'connected' | 'disconnected' | 'failed' | 'closed';

export interface RelayStats {
  ends: Record<EndId, EndStats>;
}

/** How a call sounded, in the order in which its ends left: only those that carried sound, the last 64. */
export interface RelayReport {
  ends: EndReport[];
}

export interface EndReport extends EndStats {
  /** The name it had; more than one report when it was replaced (a page that reloaded). */
  end: EndId;
  /** From its making to its end. */
  durationMs: number;
}

/** Each direction of one end, as far as anybody measured it. Estimates by the E-model: see quality.ts of `@liaison/rtp`. */
export interface EndQuality {
  /** What it said, as it reached us. */
  said?: StreamQuality;
  /** What it heard of us, by its own reports. */
  heard?: StreamQuality;
  roundTripMs?: number;
}

/** The header of a packet as an end sent it, or as it was sent to one before it was protected. */
export interface WatchedPacket {
  /** Milliseconds since 1970, with fractions. */
  atMs: number;
  end: EndId;
  what: 'audio' | 'video';
  direction: 'in' | 'out';
  /** Of the whole packet. */
  bytes: number;
  /** Base64: everything before the payload (RFC 3550 §5.1), what an extension says made zero. */
  header: string;
}

/** Ours and theirs; of a telephone what its description says, which a NAT may change. */
export interface PacketPlace {
  local: { address: string; port: number };
  remote: { address: string; port: number };
}

export interface WatchedPackets {
  packets: WatchedPacket[];
  places: ({ end: EndId; what: 'audio' | 'video' } & PacketPlace)[];
  /** Packets beyond what is kept between two questions. */
  missed: number;
}

/** Counted since the end was made. */
export interface EndStats {
  kind: 'webrtc' | 'rtp' | 'service';
  state: EndState;
  peer?: EndId;
  codec?: CodecName;
  held: boolean;
  received: { packets: number; bytes: number; lost: number; jitterMs: number };
  sent: { packets: number; bytes: number };
  /** What the other side's own RTCP reports say about what we sent, when it sends any. */
  remote?: { lost: number; jitterMs: number; roundTripMs?: number };
  /** Absent before the first packet. */
  quality?: EndQuality;
  /** Packets of this end that its peer could not take (unknown payload type or another codec). */
  unmapped: number;
  /** What it hears is transcoded, because its peer sends another codec. */
  transcoded?: true;
  /** Of what is transcoded for it, put in order before: dropped as late or double, and numbers that were given up. */
  jitterBuffer?: { late: number; duplicates: number; missing: number };
  /** Of what it shows and sees, once that is agreed; `codec` as `VP8`, `H264/0`, `H264/1`. */
  video?: VideoStats;
  /** How its packets are protected: a suite of RFC 4568, or `DTLS`; absent: not at all. */
  srtp?: string;
  /** Packets from an address that was not expected, or that did not prove themselves: never latched, never forwarded. */
  refused: number;
}

export interface VideoStats {
  codec: VideoKey;
  received: { packets: number; bytes: number };
  sent: { packets: number; bytes: number };
  /** Beyond the bandwidth, or of another format. */
  dropped: number;
}

/** The part of a pino logger that media uses. */
export interface MediaLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface MediaPoolOptions {
  /** UDP ports for RTP and ICE, both ends included; 0-0 takes any free port. */
  rtpPorts: { min: number; max: number };
  /** The IP address written into SDP and candidates (a name is resolved when the first process starts). */
  advertise: string;
  /** The local IP address the sockets listen on; `0.0.0.0` for all. */
  bind: string;
  /** Default: one per core. */
  maxProcesses?: number;
  /** Streams that each process transcodes at most, two for a call; default 60, about half a core. 0: none. */
  maxTranscoders?: number;
  /** A process without relays ends after so long; default one minute. */
  idleMs?: number;
  log: MediaLog;
}

export { MediaError, type MediaErrorCode } from './media-error.ts';
export { createMediaPool } from './media-pool.ts';
export type { ToneStep } from './tones.ts';
