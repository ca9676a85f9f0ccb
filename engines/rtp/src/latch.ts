/**
 * Where to send, and from whom to take: symmetric RTP behind NAT (RFC 4961, RFC 7362 §4) that a stranger cannot
 * steal. Only the addresses that SDP or the signalling named may be latched; the first valid packet then fixes
 * address and port; another port of the same address takes over only after the first fell silent.
 *
 * open ──first valid packet from an allowed address──▶ latched ──silent for a while, same address──▶ latched
 */

/** A NAT that rebinds stops sending from the old port at once; a second source does not. */
const SILENT_MS = 1000;

export interface SocketAddress {
  address: string;
  port: number;
}

export interface Latch {
  /** Whether to take a valid packet from there. */
  accepts(from: SocketAddress, nowMs: number): boolean;
  /** Where to send: what was latched, else what SDP said. */
  readonly target: SocketAddress | undefined;
  readonly latched: boolean;
  /** Packets refused so far. */
  readonly refused: number;
  /**
   * SDP named this place (`undefined`: nowhere, on hold), and these addresses may send. The same place again keeps
   * what was latched.
   */
  expect(announced: SocketAddress | undefined, allowed: readonly string[]): void;
}

/** IPv4 in IPv6 clothes, as a dual-stack socket reports it, is the IPv4 address. */
export function plainAddress(address: string): string {
  const lower = address.toLowerCase();
  return lower.startsWith('::ffff:') && lower.includes('.') ? lower.slice(7) : lower;
}

/** Expects nobody and refuses everything until `expect` is called. Holds no socket and no timer. */
export function createLatch(): Latch {
  let announced: SocketAddress | undefined;
  let allowed = new Set<string>();
  let fixed: SocketAddress | undefined;
  let heardAtMs = 0;
  let refused = 0;

  return {
    accepts(from, nowMs) {
      const address = plainAddress(from.address);
      if (fixed) {
        if (address === fixed.address) {
          if (from.port === fixed.port) {
            heardAtMs = nowMs;
            return true;
          }
          if (nowMs - heardAtMs >= SILENT_MS) {
            fixed = { address, port: from.port };
            heardAtMs = nowMs;
            return true;
          }
        }
      } else if (allowed.has(address)) {
        fixed = { address, port: from.port };
        heardAtMs = nowMs;
        return true;
      }
      refused += 1;
      return false;
    },
    get target() {
      return fixed ?? announced;
    },
    get latched() {
      return fixed !== undefined;
    },
    get refused() {
      return refused;
    },
    expect(place, addresses) {
      const next = place && { address: plainAddress(place.address), port: place.port };
      const same = next && announced && next.address === announced.address && next.port === announced.port;
      allowed = new Set(addresses.map(plainAddress));
      if (next) {
        allowed.add(next.address);
        if (!same || (fixed && !allowed.has(fixed.address))) fixed = undefined;
        announced = next;
      } else if (fixed && !allowed.has(fixed.address)) {
        fixed = undefined;
      }
    },
  };
}
