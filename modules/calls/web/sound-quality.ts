import { mosOf } from './e-model.ts';

/** One direction of a call, over the last seconds. */
export interface DirectionQuality {
  /** 0 to 1. */
  readonly loss: number;
  readonly jitterMs: number;
  /** 1 (bad) to 4.5, an estimate. */
  readonly mos: number;
}

/** What is wrong, where something is; the worst of it. */
export type SoundTrouble = 'their-gaps' | 'their-jitter' | 'my-gaps' | 'late';

export interface SoundQuality {
  /** As it reaches this page; null while nothing comes. */
  readonly theirs: DirectionQuality | null;
  /** As it reaches whoever this page sends to: the other page, or our relay on the way to a telephone. */
  readonly mine: DirectionQuality | null;
  readonly roundTripMs: number | null;
  readonly trouble: SoundTrouble | null;
}

/** How often a page looks, in milliseconds. */
export const lookEveryMs = 3000;
/** So many looks alike before something is said, or taken back: one bad second is nothing to talk about. */
const looksBeforeSaid = 2;

/** Heard as gaps in spite of concealment. */
const badLoss = 0.04;
/** More than a jitter buffer evens out without being late. */
const badJitterMs = 60;
/** ITU-T G.114: one way, 400 ms is the most that people can talk over. */
const badRoundTripMs = 800;

interface Counts {
  received: number;
  receivedLost: number;
  sent: number;
  sentLost: number;
}

interface Reading extends Counts {
  readonly jitterMs: number;
  readonly sentJitterMs: number;
  readonly roundTripMs: number | null;
  /** The far side reports at all. */
  readonly isReported: boolean;
}

type Row = Readonly<Record<string, unknown>>;
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/** What a report of WebRTC statistics says of the sound. */
export function readStats(report: Iterable<Row>): Reading {
  let reading: Reading = {
    received: 0,
    receivedLost: 0,
    sent: 0,
    sentLost: 0,
    jitterMs: 0,
    sentJitterMs: 0,
    roundTripMs: null,
    isReported: false,
  };
  for (const row of report) {
    if (row.kind !== 'audio') continue;
    if (row.type === 'inbound-rtp') {
      reading = {
        ...reading,
        received: number(row.packetsReceived),
        // Duplicates count against it, so it may be below 0 (RFC 3550 §6.4.1).
        receivedLost: Math.max(0, number(row.packetsLost)),
        jitterMs: number(row.jitter) * 1000,
      };
    } else if (row.type === 'outbound-rtp') reading = { ...reading, sent: number(row.packetsSent) };
    else if (row.type === 'remote-inbound-rtp') {
      reading = {
        ...reading,
        isReported: true,
        sentLost: Math.max(0, number(row.packetsLost)),
        sentJitterMs: number(row.jitter) * 1000,
        roundTripMs: typeof row.roundTripTime === 'number' ? row.roundTripTime * 1000 : null,
      };
    }
  }
  return reading;
}

function troubleOf({ theirs, mine, roundTripMs }: Omit<SoundQuality, 'trouble'>): SoundTrouble | null {
  const found: [SoundTrouble, number][] = [
    ['their-gaps', (theirs?.loss ?? 0) / badLoss],
    ['their-jitter', (theirs?.jitterMs ?? 0) / badJitterMs],
    ['my-gaps', (mine?.loss ?? 0) / badLoss],
    ['late', (roundTripMs ?? 0) / badRoundTripMs],
  ];
  const [worst] = found.filter(([, share]) => share >= 1).sort(([, a], [, b]) => b - a);
  return worst?.[0] ?? null;
}

/** Reckons what happened between two readings; says trouble that stays, and takes it back when it stays away. */
export function createQualityWatch(): { look(reading: Reading): SoundQuality; reset(): void } {
  let before: Counts | null = null;
  let said: SoundTrouble | null = null;
  let seen: SoundTrouble | null = null;
  let looks = 0;

  const direction = (
    arrived: number,
    lost: number,
    jitterMs: number,
    roundTripMs: number | null,
  ): DirectionQuality | null => {
    if (arrived + lost <= 0) return null;
    const loss = Math.min(1, lost / (arrived + lost));
    return { loss, jitterMs, mos: mosOf({ loss, jitterMs, roundTripMs: roundTripMs ?? 0 }) };
  };

  return {
    look(now) {
      const since = (key: keyof Counts): number => Math.max(0, now[key] - (before?.[key] ?? 0));
      const { roundTripMs } = now;
      const sent = since('sent');
      const quality = {
        theirs: direction(since('received'), since('receivedLost'), now.jitterMs, roundTripMs),
        // What was sent in this time and what was reported lost in it overlap only roughly: never more lost than sent.
        mine: now.isReported
          ? direction(
              sent - Math.min(sent, since('sentLost')),
              Math.min(sent, since('sentLost')),
              now.sentJitterMs,
              roundTripMs,
            )
          : null,
        roundTripMs,
      };
      before = { ...now };
      const trouble = troubleOf(quality);
      looks = (trouble === null) === (seen === null) ? looks + 1 : 1;
      seen = trouble;
      if (looks >= looksBeforeSaid || (said !== null && trouble !== null)) said = trouble;
      return { ...quality, trouble: said };
    },
    reset() {
      before = null;
      said = null;
      seen = null;
      looks = 0;
    },
  };
}
