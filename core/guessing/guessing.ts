import { z } from 'zod';
import type { Bus } from '../bus/index.ts';
import { Problem } from '../contract/index.ts';
import { networkOf } from './network.ts';
import { type GuessingPolicy, peoplePolicy } from './policy.ts';

/** A try that was let through; it counts as failed unless it is said to have succeeded. */
export interface Attempt {
  succeeded(): void;
}

/** Problem 429 `too-many-tries` with the seconds to wait. */
export class TooManyTries extends Problem {
  override name = 'TooManyTries';
  /** `account`: too many tries at this one from there. `network`: too many from there at whatever. */
  readonly at: 'account' | 'network';
  constructor(at: 'account' | 'network', retryAfterSeconds: number) {
    super(429, 'too-many-tries', 'Too many tries. Wait a moment before the next one.', { retryAfterSeconds });
    this.at = at;
  }
}

export interface Guessing {
  /**
   * Lets one try through or refuses it.
   *
   * @throws TooManyTries
   */
  begin(attempt: {
    /** What is guessed at: `password:<address>`, `code:<person id>`, `sip:<user>@<realm>`. */
    target: string;
    ip: string;
    /** Names the browser, where it has signed in to this account before and still holds the proof. */
    knownBrowser?: string | null;
  }): Attempt;
  /** Ends listening to other processes. */
  close(): void;
}

export interface GuessingOptions {
  /** What is guessed at, so that different ones keep different counts: a word for the bus. */
  name: string;
  /** Tells the other processes, and hears of theirs. What it loses gives a guesser a few more tries. */
  bus?: Bus;
  policy?: GuessingPolicy;
  now?: () => number;
  /** Accounts, networks and pairs that are remembered; the longest unused go first. */
  maxEntries?: number;
}

interface Count {
  failures: number;
  lastAt: number;
  blockedUntil: number;
}

const quarterHourMs = 15 * 60_000;

/** Half is forgotten every quarter of an hour without a failure. */
function faded(count: Count, now: number): number {
  return count.failures / 2 ** Math.floor((now - count.lastAt) / quarterHourMs);
}

const who = z.object({
  target: z.string().max(600),
  network: z.string().max(100),
  known: z.string().max(300).nullable(),
});
type Who = z.infer<typeof who>;
const told = z.object({ from: z.string(), what: z.enum(['begun', 'succeeded']), who });

/**
 * Slows the guessing of passwords, codes and telephones' secrets, and never locks an account: what is refused is a network
 * at an account, a network at all, or one that is known to the account. Its owner signs in from elsewhere, and from where
 * she was signed in before even while her own network is refused.
 *
 * After the free tries each failure doubles the wait. An account under attack from many networks gives each new one fewer
 * free tries. Counts live in memory, the same in every process: each tells the others of its tries as they happen.
 */
export function createGuessing(options: GuessingOptions): Guessing {
  const { name, bus, policy = peoplePolicy, now = Date.now, maxEntries = 50_000 } = options;
  const counts = new Map<string, Count>();
  /** Pairs of account and network that have signed in, where the policy remembers them. */
  const knownPairs = new Map<string, true>();
  const self = crypto.randomUUID();
  const subject = `guessing.${name}`;

  const read = (key: string): Count => {
    const at = now();
    const count = counts.get(key);
    return count ? { ...count, failures: faded(count, at) } : { failures: 0, lastAt: at, blockedUntil: 0 };
  };

  const keep = <Value>(map: Map<string, Value>, key: string, value: Value): void => {
    map.delete(key);
    map.set(key, value);
    if (map.size > maxEntries) map.delete(map.keys().next().value!);
  };

  const limitsOf = ({ target, network, known }: Who) => {
    if (known !== null) return [{ key: `known ${target} ${known}`, ...policy.known }];
    const attacked = read(`target ${target}`).failures > policy.attackedAfter;
    return [
      {
        key: `pair ${target} ${network}`,
        ...policy.pair,
        ...(attacked ? { free: policy.freeWhileAttacked } : {}),
      },
      { key: `network ${network}`, ...policy.network },
    ];
  };

  /** One more failure, until it is said to have been none. */
  function count(whose: Who): void {
    const at = now();
    for (const { key, free, firstWaitMs, capMs } of limitsOf(whose)) {
      const failures = read(key).failures + 1;
      const waitMs = failures < free ? 0 : Math.min(firstWaitMs * 2 ** (failures - free), capMs);
      keep(counts, key, { failures, lastAt: at, blockedUntil: waitMs === 0 ? 0 : at + waitMs });
    }
    if (whose.known !== null) return;
    const whole = read(`target ${whose.target}`);
    keep(counts, `target ${whose.target}`, { failures: whole.failures + 1, lastAt: at, blockedUntil: 0 });
  }

  function forgive(whose: Who): void {
    for (const { key } of limitsOf(whose)) {
      // The network keeps what others failed in it: a guesser's own account clears nothing but this one try.
      if (!key.startsWith('network ')) counts.delete(key);
      else {
        const before = read(key);
        keep(counts, key, { ...before, failures: Math.max(0, before.failures - 1), blockedUntil: 0 });
      }
    }
    const whole = read(`target ${whose.target}`);
    keep(counts, `target ${whose.target}`, { ...whole, failures: Math.max(0, whole.failures - 1) });
    if (policy.remembersNetworks) keep(knownPairs, `${whose.target} ${whose.network}`, true);
  }

  const unsubscribe = bus?.subscribe(subject, (data) => {
    const message = told.safeParse(data);
    if (!message.success || message.data.from === self) return;
    if (message.data.what === 'begun') count(message.data.who);
    else forgive(message.data.who);
  });
  const tell = (what: 'begun' | 'succeeded', whose: Who) => {
    if (bus?.shared) bus.publish(subject, { from: self, what, who: whose });
  };

  return {
    begin({ target, ip, knownBrowser }) {
      const network = networkOf(ip);
      const known =
        knownBrowser ?? (policy.remembersNetworks && knownPairs.has(`${target} ${network}`) ? network : null);
      const whose: Who = { target, network, known };
      const held = limitsOf(whose).map(({ key }) => ({ key, until: read(key).blockedUntil }));
      const longest = held.reduce((one, other) => (other.until > one.until ? other : one));
      if (longest.until > now()) {
        const at = longest.key.startsWith('network ') ? 'network' : 'account';
        throw new TooManyTries(at, Math.ceil((longest.until - now()) / 1000));
      }
      count(whose);
      // Telephones that are known sign in all the time, and mostly rightly: that is nobody else's business.
      const isQuiet = known !== null && policy.remembersNetworks;
      if (!isQuiet) tell('begun', whose);
      return {
        succeeded() {
          forgive(whose);
          if (!isQuiet) tell('succeeded', whose);
        },
      };
    },
    close: () => unsubscribe?.(),
  };
}
