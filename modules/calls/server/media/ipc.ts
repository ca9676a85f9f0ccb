/**
 * What the pool and a media process say to each other. Both sides parse what they get: a message that does not
 * read is dropped (by the process) or counts as the process having lost its mind (by the pool).
 */

import { VIDEO_KEYS, type VideoKey } from '@liaison/sdp';
import type { EndState, KeyPressed, MediaErrorCode, OfferMatch, ServiceProgram, SrtpUse } from './media.ts';
import { MAX_TONE_STEP_MS, MAX_TONE_STEPS, type ToneStep } from './tones.ts';

/** The first message to a new process. */
export interface Setup {
  op: 'setup';
  /** UDP ports of this process, both ends included; 0-0 any. */
  ports: { min: number; max: number };
  bind: string;
  advertise: string;
  maxTranscoders: number;
}

export type RelayRequest =
  | { op: 'create' | 'close' | 'stats' | 'headers' }
  | { op: 'webrtc-answer'; end: string; sdp: string; codecs?: string[]; with?: string }
  | { op: 'webrtc-offer'; end: string; codecs?: string[]; video?: VideoKey[]; readBy?: string }
  | { op: 'webrtc-accept'; end: string; sdp: string }
  | {
      op: 'rtp-offer';
      end: string;
      codecs?: string[];
      srtp?: SrtpUse;
      video?: VideoKey[];
      match?: OfferMatch;
      readBy?: string;
    }
  | { op: 'rtp-accept'; end: string; sdp: string; from: string }
  | { op: 'rtp-refused'; end: string }
  | { op: 'rtp-answer'; end: string; sdp: string; from: string; codecs?: string[] }
  | { op: 'connect'; end: string; to: string }
  | { op: 'hold'; end: string; held: boolean }
  | { op: 'press-key'; end: string; key: string; durationMs: number }
  | { op: 'serve'; end: string; program: ServiceProgram }
  | { op: 'ask-for-picture' | 'remove-end'; end: string };

/** `id` comes back in the reply. */
export type Request = { id: number; relay: string } & RelayRequest;

export type Reply = { id: number } & (
  | { ok: true; result: unknown }
  | { ok: false; code: MediaErrorCode; message: string }
);

export type Notice =
  | { notice: 'ready' }
  | { notice: 'end-state'; relay: string; end: string; state: EndState }
  | ({ notice: 'key'; relay: string; end: string } & KeyPressed)
  | { notice: 'picture-wanted'; relay: string; end: string }
  | { notice: 'error'; message: string };

const END_ID = /^[A-Za-z0-9._:-]{1,64}$/;
export const MAX_SDP_CHARACTERS = 65_536;
const MAX_KEY_MS = 10_000;

const OFFER_MATCHES: readonly OfferMatch[] = ['agreed', 'wished'];
const SRTP_USES: readonly SrtpUse[] = ['never', 'optional', 'required', 'dtls'];

type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (value: unknown): value is string => typeof value === 'string' && END_ID.test(value);
const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length <= max;
const isKey = (value: unknown): value is string => typeof value === 'string' && /^[0-9*#A-D]$/.test(value);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const areCodecs = (value: unknown): value is string[] | undefined =>
  value === undefined ||
  (Array.isArray(value) && value.length <= 32 && value.every((name) => isText(name, 32)));

const PROGRAMS: readonly ServiceProgram['after'][] = ['echo', 'repeat', 'silence'];

function toneStepOf(value: unknown): ToneStep | undefined {
  if (!isFields(value) || !isNumber(value.ms) || value.ms < 0 || value.ms > MAX_TONE_STEP_MS)
    return undefined;
  const { hz, ms } = value;
  if (!Array.isArray(hz) || hz.length > 4 || !hz.every((each) => isNumber(each) && each > 0))
    return undefined;
  return { hz: hz.map(Number), ms };
}

function programOf(value: unknown): ServiceProgram | undefined {
  if (!isFields(value) || !Array.isArray(value.tones) || value.tones.length > MAX_TONE_STEPS)
    return undefined;
  const tones = value.tones.map(toneStepOf).filter((step) => step !== undefined);
  const after = PROGRAMS.find((known) => known === value.after);
  // A pattern without length cannot be repeated.
  const isEmpty = tones.every(({ ms }) => ms < 20);
  if (!after || tones.length !== value.tones.length || (after === 'repeat' && isEmpty)) return undefined;
  return { tones, after };
}

export function parseSetup(message: unknown): Setup | undefined {
  if (!isFields(message) || message.op !== 'setup' || !isFields(message.ports)) return undefined;
  const { bind, advertise, maxTranscoders } = message;
  const { min, max } = message.ports;
  if (!isNumber(min) || !isNumber(max) || !isText(bind, 64) || !isText(advertise, 64)) return undefined;
  if (!isNumber(maxTranscoders)) return undefined;
  return { op: 'setup', ports: { min, max }, bind, advertise, maxTranscoders };
}

/** `undefined` when it does not read; a bad SDP is not looked at here. */
export function parseRequest(message: unknown): Request | undefined {
  if (!isFields(message)) return undefined;
  const { id, relay, op, end, sdp, from, to, held, codecs, srtp } = message;
  if (!isNumber(id) || !isId(relay)) return undefined;
  if (op === 'create' || op === 'close' || op === 'stats' || op === 'headers') return { id, relay, op };
  if (!isId(end) || !areCodecs(codecs)) return undefined;
  const preference = codecs ? { codecs } : {};
  const isSdp = isText(sdp, MAX_SDP_CHARACTERS);
  if (op === 'webrtc-answer' && isSdp) {
    if (message.with !== undefined && !isId(message.with)) return undefined;
    return { id, relay, op, end, sdp, ...preference, ...(message.with ? { with: message.with } : {}) };
  }
  const video = VIDEO_KEYS.filter((key) => Array.isArray(message.video) && message.video.includes(key));
  const { readBy: level } = message;
  if (level !== undefined && !(isText(level, 6) && /^[0-9a-f]{6}$/.test(level))) return undefined;
  const readBy = level === undefined ? {} : { readBy: level };
  if (op === 'webrtc-offer') return { id, relay, op, end, ...preference, video, ...readBy };
  if (op === 'webrtc-accept' && isSdp) return { id, relay, op, end, sdp };
  if (op === 'rtp-offer') {
    const use = SRTP_USES.find((known) => known === srtp);
    if (srtp !== undefined && !use) return undefined;
    const match = OFFER_MATCHES.find((known) => known === message.match);
    if (message.match !== undefined && !match) return undefined;
    return {
      id,
      relay,
      op,
      end,
      ...preference,
      ...(use ? { srtp: use } : {}),
      video,
      ...(match ? { match } : {}),
      ...readBy,
    };
  }
  if (op === 'rtp-refused') return { id, relay, op, end };
  if (op === 'rtp-accept' && isSdp && isText(from, 64)) return { id, relay, op, end, sdp, from };
  if (op === 'rtp-answer' && isSdp && isText(from, 64))
    return { id, relay, op, end, sdp, from, ...preference };
  if (op === 'connect' && isId(to)) return { id, relay, op, end, to };
  if (op === 'hold' && typeof held === 'boolean') return { id, relay, op, end, held };
  if (op === 'press-key') {
    const { key, durationMs } = message;
    if (!isKey(key) || !isNumber(durationMs) || durationMs < 0 || durationMs > MAX_KEY_MS) return undefined;
    return { id, relay, op, end, key, durationMs };
  }
  if (op === 'serve') {
    const program = programOf(message.program);
    return program && { id, relay, op, end, program };
  }
  if (op === 'ask-for-picture' || op === 'remove-end') return { id, relay, op, end };
  return undefined;
}

const ERROR_CODES: readonly MediaErrorCode[] = [
  'no-common-codec',
  'bad-sdp',
  'no-port-free',
  'unknown-end',
  'bad-request',
  'closed',
  'lost',
  'timeout',
  'internal',
];
const STATES: readonly EndState[] = ['new', 'connected', 'disconnected', 'failed', 'closed'];

export function parseFromProcess(message: unknown): Reply | Notice | undefined {
  if (!isFields(message)) return undefined;
  if (message.notice === 'ready') return { notice: 'ready' };
  if (message.notice === 'error' && isText(message.message, 4096))
    return { notice: 'error', message: message.message };
  if (message.notice === 'end-state') {
    const state = STATES.find((known) => known === message.state);
    if (!state || !isId(message.relay) || !isId(message.end)) return undefined;
    return { notice: 'end-state', relay: message.relay, end: message.end, state };
  }
  if (message.notice === 'picture-wanted') {
    const { relay, end } = message;
    return isId(relay) && isId(end) ? { notice: 'picture-wanted', relay, end } : undefined;
  }
  if (message.notice === 'key') {
    const { relay, end, key, isTaken } = message;
    if (!isId(relay) || !isId(end) || !isKey(key) || typeof isTaken !== 'boolean') return undefined;
    return { notice: 'key', relay, end, key, isTaken };
  }
  if (!isNumber(message.id)) return undefined;
  if (message.ok === true) return { id: message.id, ok: true, result: message.result };
  const code = ERROR_CODES.find((known) => known === message.code);
  if (message.ok !== false || !code || !isText(message.message, 4096)) return undefined;
  return { id: message.id, ok: false, code, message: message.message };
}
