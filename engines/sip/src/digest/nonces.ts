import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { createFirstCome } from '../first-come.ts';
import { randomChunk } from '../random-text.ts';
import { createKeyedHash } from './keyed-hash.ts';

export interface NonceOptions {
  clock: Clock;
  secret: Buffer;
  lifetimeMs: number;
  /** Nonces whose counts are remembered; the oldest is forgotten and thereby spent. Default 50 000. */
  maxTracked?: number;
}

/**
 * Nonces that need no memory until they are used: time and chance, sealed with a secret and the realm. A nonce used
 * with success is remembered with its counts, so that no count is taken twice (RFC 7616 §3.4.5, §5.5).
 */
export interface Nonces {
  create(realm: string): string;
  /** `foreign` was not made with this secret for this realm. */
  check(nonce: string, realm: string): 'fresh' | 'expired' | 'foreign';
  /** Spends a count; false when it was spent before or the nonce was forgotten. Only after the digest was found right. */
  spend(nonce: string, count: number): boolean;
}

const timeBytes = 6;
const chanceBytes = 10;
const sealBytes = 16;
const totalBytes = timeBytes + chanceBytes + sealBytes;
const windowSize = 31;

interface Use {
  highest: number;
  /** Bit n: highest - n was spent. */
  window: number;
}

export function createNonces(options: NonceOptions): Nonces {
  const { clock, lifetimeMs } = options;
  const keyedHash = createKeyedHash(options.secret);
  const maxTracked = options.maxTracked ?? 50_000;
  const uses = new Map<string, Use>();
  const order = createFirstCome<string>();
  /** Nonces made up to here that are not remembered may have been used: they count as spent. */
  let forgottenUntilMs = 0;

  function seal(open: Buffer, realm: string): Buffer {
    return keyedHash(Buffer.concat([open, Buffer.from(realm, 'utf8')])).subarray(0, sealBytes);
  }

  function madeAtMs(nonce: string): number {
    return Buffer.from(nonce, 'base64url').readUIntBE(0, timeBytes);
  }

  function forgetOldest(): void {
    const oldest = order.shift();
    if (oldest === undefined) return;
    uses.delete(oldest);
    forgottenUntilMs = Math.max(forgottenUntilMs, madeAtMs(oldest));
  }

  return {
    create(realm) {
      const open = Buffer.alloc(timeBytes + chanceBytes);
      open.writeUIntBE(clock.now(), 0, timeBytes);
      randomChunk(chanceBytes).copy(open, timeBytes);
      return Buffer.concat([open, seal(open, realm)]).toString('base64url');
    },
    check(nonce, realm) {
      if (!/^[A-Za-z0-9_-]{43}$/.test(nonce)) return 'foreign';
      const bytes = Buffer.from(nonce, 'base64url');
      // The last character holds spare bits: only one spelling of a nonce counts, or each would have its own counts.
      if (bytes.length !== totalBytes || bytes.toString('base64url') !== nonce) return 'foreign';
      const open = bytes.subarray(0, timeBytes + chanceBytes);
      if (!timingSafeEqual(seal(open, realm), bytes.subarray(timeBytes + chanceBytes))) return 'foreign';
      const ageMs = clock.now() - bytes.readUIntBE(0, timeBytes);
      return ageMs > lifetimeMs || ageMs < -lifetimeMs ? 'expired' : 'fresh';
    },
    spend(nonce, count) {
      const use = uses.get(nonce);
      if (!use) {
        if (madeAtMs(nonce) <= forgottenUntilMs) return false;
        if (uses.size >= maxTracked) forgetOldest();
        uses.set(nonce, { highest: count, window: 1 });
        order.push(nonce);
        return true;
      }
      if (count > use.highest) {
        const ahead = count - use.highest;
        use.window = ahead >= windowSize ? 1 : ((use.window << ahead) | 1) & 0x7fffffff;
        use.highest = count;
        return true;
      }
      const behind = use.highest - count;
      if (behind >= windowSize || (use.window & (1 << behind)) !== 0) return false;
      use.window |= 1 << behind;
      return true;
    },
  };
}
