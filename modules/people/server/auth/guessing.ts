import { isIPv6 } from 'node:net';
import { Problem } from '@liaison/core/contract';

/** A try that was let through; it counts as failed unless it is said to have succeeded. */
export interface Attempt {
  succeeded(): void;
}

export interface Guessing {
  /**
   * Lets one try through or refuses it.
   *
   * @throws Problem 429 `too-many-tries` with the seconds to wait.
   */
  begin(attempt: {
    /** What is guessed at: `password:<address>`, `code:<person id>`. */
    target: string;
    ip: string;
    /** Names the browser, where it has signed in to this account before and still holds the proof. */
    knownBrowser?: string | null;
  }): Attempt;
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

/** IPv6 gives everybody a whole /64 to guess from. */
export function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  if (ip.startsWith('::ffff:') && ip.includes('.')) return ip.slice(7);
  const [head = '', tail] = ip.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  if (tail !== undefined) {
    const rest = tail.split(':').filter((group) => group !== '');
    while (groups.length + rest.length < 8) groups.push('0');
    groups.push(...rest);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/**
 * Slows the guessing of passwords and codes, and never locks an account: what is refused is a network at an account, a
 * network at all, or one browser. Its owner signs in from elsewhere, and from a browser that was signed in before even
 * while her own network is refused.
 *
 * After the free tries each failure doubles the wait, from a second to a quarter of an hour. An account under attack
 * from many networks gives each new one two free tries instead of five. Counts live in this process's memory, at most
 * `maxEntries` of them; the longest unused go first.
 */
export function createGuessing({
  now = Date.now,
  maxEntries = 50_000,
}: {
  now?: () => number;
  maxEntries?: number;
} = {}): Guessing {
  const counts = new Map<string, Count>();

  const read = (key: string): Count => {
    const at = now();
    const count = counts.get(key);
    return count ? { ...count, failures: faded(count, at) } : { failures: 0, lastAt: at, blockedUntil: 0 };
  };

  const write = (key: string, count: Count): void => {
    counts.delete(key);
    counts.set(key, count);
    if (counts.size > maxEntries) counts.delete(counts.keys().next().value!);
  };

  return {
    begin({ target, ip, knownBrowser }) {
      const at = now();
      const network = networkOf(ip);
      const attacked = read(`target ${target}`).failures > 100;
      const limits = knownBrowser
        ? [{ key: `browser ${target} ${knownBrowser}`, free: 10, capMs: quarterHourMs }]
        : [
            { key: `pair ${target} ${network}`, free: attacked ? 2 : 5, capMs: quarterHourMs },
            // A whole office may stand behind one address.
            { key: `network ${network}`, free: 60, capMs: 60_000 },
          ];
      const until = Math.max(...limits.map(({ key }) => read(key).blockedUntil));
      if (until > at) {
        throw new Problem(429, 'too-many-tries', 'Too many tries. Wait a moment before the next one.', {
          retryAfterSeconds: Math.ceil((until - at) / 1000),
        });
      }
      const before = limits.map(({ key, free, capMs }) => {
        const count = read(key);
        const failures = count.failures + 1;
        const waitMs = failures < free ? 0 : Math.min(1000 * 2 ** (failures - free), capMs);
        write(key, { failures, lastAt: at, blockedUntil: waitMs === 0 ? 0 : at + waitMs });
        return { key, count };
      });
      if (!knownBrowser) {
        const whole = read(`target ${target}`);
        write(`target ${target}`, { failures: whole.failures + 1, lastAt: at, blockedUntil: 0 });
      }
      return {
        succeeded() {
          for (const { key } of before) {
            // The network keeps what others failed in it: a guesser's own account clears nothing but this one try.
            if (!key.startsWith('network ')) counts.delete(key);
            else {
              const count = read(key);
              write(key, { ...count, failures: Math.max(0, count.failures - 1), blockedUntil: 0 });
            }
          }
          const whole = read(`target ${target}`);
          write(`target ${target}`, { ...whole, failures: Math.max(0, whole.failures - 1) });
        },
      };
    },
  };
}
