import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { parseParams } from '../message/params.ts';
import { ParseError } from '../message/parse-error.ts';
import { parseNumber } from '../message/typed-headers.ts';
import { SipRefusal } from '../refusal.ts';
import { supports } from './capabilities.ts';
import type { SessionTimerOptions } from './types.ts';

type HeaderLines = (readonly [string, string])[];

/** RFC 4028 §4, §5: no session is refreshed more often. */
const absoluteMinSeconds = 90;

/** What both sides agree on about how long the session lasts without a sign of life (RFC 4028 §7 to §9). No timers here. */
export interface SessionInterval {
  /** Undefined: the session does not expire. */
  readonly agreed: { readonly seconds: number; readonly refresher: 'us' | 'them' } | undefined;
  /** For an INVITE or UPDATE of ours. */
  offer(): HeaderLines;
  /** A 2xx to it. */
  answered(response: SipResponse): void;
  /** A 422 to it: true when it is worth another try, with more. */
  raise(response: SipResponse): boolean;
  /** For the 2xx to an INVITE or UPDATE of theirs; throws SipRefusal 422. */
  answer(request: SipRequest): HeaderLines;
  /** Throws SipRefusal 422 without agreeing to anything. */
  check(request: SipRequest): void;
}

interface SessionExpires {
  readonly seconds: number;
  readonly refresher: 'uac' | 'uas' | undefined;
}

function readSessionExpires(message: SipMessage): SessionExpires | undefined {
  const value = message.headers.get('session-expires');
  if (value === undefined) return undefined;
  const semicolon = value.indexOf(';');
  const seconds = parseNumber(semicolon < 0 ? value : value.slice(0, semicolon));
  if (seconds === undefined) throw new ParseError('Malformed Session-Expires');
  const refresher = semicolon < 0 ? undefined : parseParams(value, semicolon).get('refresher')?.toLowerCase();
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

function readMinSe(message: SipMessage): number {
  const value = message.headers.get('min-se');
  if (value === undefined) return 0;
  return parseNumber(value.replace(/;.*$/s, '')) ?? 0;
}

export function createSessionInterval(options: SessionTimerOptions = {}): SessionInterval {
  return new AgreedInterval(options);
}

class AgreedInterval implements SessionInterval {
  agreed: SessionInterval['agreed'];
  readonly #isOff: boolean;
  readonly #minSeconds: number;
  #wishedSeconds: number;
  /** The least that the other side, or a proxy between, takes. */
  #theirMinSeconds = 0;
  #raises = 0;

  constructor(options: SessionTimerOptions) {
    this.#isOff = options.isOff ?? false;
    this.#minSeconds = options.minSeconds ?? absoluteMinSeconds;
    this.#wishedSeconds = Math.max(options.expiresSeconds ?? 1800, this.#minSeconds);
  }

  check(request: SipRequest): void {
    const asked = readSessionExpires(request);
    // RFC 4028 §9: only who supports timers understands 422.
    if (this.#isOff || !asked || asked.seconds >= this.#minSeconds || !supports(request, 'timer')) return;
    throw new SipRefusal(422, 'Session Interval Too Small', [['min-se', String(this.#minSeconds)]]);
  }

  offer(): HeaderLines {
    if (this.#isOff) return [];
    const { agreed } = this;
    const seconds = Math.max(agreed?.seconds ?? this.#wishedSeconds, this.#theirMinSeconds);
    // RFC 4028 §7.1: the first request leaves the choice to the other side; later ones keep what is (§7.4).
    const refresher = agreed ? `;refresher=${agreed.refresher === 'us' ? 'uac' : 'uas'}` : '';
    const lines: HeaderLines = [['session-expires', `${seconds}${refresher}`]];
    // RFC 4028 §7.4: Min-SE once one was learnt.
    if (this.#theirMinSeconds > 0) lines.push(['min-se', String(this.#theirMinSeconds)]);
    return lines;
  }

  answered(response: SipResponse): void {
    let given: SessionExpires | undefined;
    try {
      given = readSessionExpires(response);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error; // A faulty one must not cost the call.
    }
    // RFC 4028 §7.2: none in the 2xx, no expiry. Too small a one would make us refresh without end.
    this.agreed =
      this.#isOff || !given
        ? undefined
        : {
            seconds: Math.max(given.seconds, this.#minSeconds),
            refresher: given.refresher === 'uas' ? 'them' : 'us',
          };
  }

  raise(response: SipResponse): boolean {
    const asked = readMinSe(response);
    if (this.#isOff || asked <= this.#theirMinSeconds || asked > 86_400 || ++this.#raises > 3) return false;
    this.#theirMinSeconds = asked; // RFC 4028 §7.3
    this.#wishedSeconds = Math.max(this.#wishedSeconds, asked);
    return true;
  }

  answer(request: SipRequest): HeaderLines {
    this.check(request);
    if (this.#isOff) return [];
    const asked = readSessionExpires(request);
    const isSupported = supports(request, 'timer');
    this.#theirMinSeconds = Math.max(this.#theirMinSeconds, readMinSe(request));
    if (!asked && !isSupported) {
      this.agreed = undefined;
      return [];
    }
    // RFC 4028 §9: never more than asked for, never less than Min-SE.
    const seconds = Math.max(
      Math.min(asked?.seconds ?? this.#wishedSeconds, this.#wishedSeconds),
      this.#minSeconds,
      this.#theirMinSeconds,
    );
    // Table 2: who does not support timers cannot refresh; who names nobody leaves it to us, and we find out sooner
    // that the other side is gone when we ask.
    const refresher = isSupported ? (asked?.refresher ?? 'uas') : 'uas';
    this.agreed = { seconds, refresher: refresher === 'uas' ? 'us' : 'them' };
    return [
      ['session-expires', `${seconds};refresher=${refresher}`],
      ...(refresher === 'uac' ? [['require', 'timer'] as const] : []),
    ];
  }
}
