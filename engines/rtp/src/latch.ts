/**
 * Where to send, and from whom to take: symmetric RTP behind NAT (RFC 4961, RFC 7362 §4) that a stranger cannot
 * steal. Only the addresses that SDP or the signalling named may be latched; the first valid packet then fixes
 * address and port; another port of the same address takes over only after the first fell silent.
 *
 * open ──first valid packet from an allowed address──▶ latched ──silent for a while, same address──▶ latched
 */

/** A NAT that rebinds stops sending from the old port at once; a second source does not. */
export const SILENT_MS = 1000;

export interface SocketAddress {
  address: string;
  port: number;
}

export interface Latch {
  /** Whether `accepts` would say yes; changes nothing. For whoever first has to prove a packet. */
  mayAccept(from: SocketAddress, nowMs: number): boolean;
  /** Whether to take a valid packet from there. */
  accepts(from: SocketAddress, nowMs: number): boolean;
  /** Where to send: what was latched, else what SDP said. */
  readonly target: SocketAddress | undefined;
  readonly latched: boolean;
  /** Packets refused so far. */
  readonly refused: number;
  /**
   * SDP named this place (`undefined`: nowhere, on hold), and these addresses may send. The same place again keeps
   * what was latched. `proven`: packets are authenticated before they come here, so any address may be latched, and
   * may take over from one that fell silent.
   */
  expect(announced: SocketAddress | undefined, allowed: readonly string[], proven?: boolean): void;
  /** The latched source proved that it went on from there; see continuation.ts. */
  follow(to: SocketAddress, nowMs: number): void;
  /** That address may send too: where the source went on. The next packet from there fixes the port. */
  allow(address: string): void;
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
  let isProven = false;
  /** As the socket wrote it: comparing that first spares most packets the normalised form. */
  let fixedAsWritten = '';

  const isFixed = (from: SocketAddress) =>
    fixed !== undefined && from.port === fixed.port && from.address === fixedAsWritten;

  function mayAccept(from: SocketAddress, nowMs: number): boolean {
    if (isFixed(from)) return true;
    const address = plainAddress(from.address);
    if (!fixed) return isProven || allowed.has(address);
    if (address === fixed.address && from.port === fixed.port) return true;
    return (isProven || address === fixed.address) && nowMs - heardAtMs >= SILENT_MS;
  }

  function fix(place: SocketAddress | undefined) {
    fixed = place && { address: plainAddress(place.address), port: place.port };
    if (place) fixedAsWritten = place.address;
    latch.latched = fixed !== undefined;
    latch.target = fixed ?? announced;
  }

  // Plain properties and no getters: V8 keeps an object with getters of its own as a dictionary, which every packet pays for.
  const latch: { -readonly [name in keyof Latch]: Latch[name] } = {
    target: undefined,
    latched: false,
    refused: 0,
    mayAccept,
    accepts(from, nowMs) {
      if (!isFixed(from)) {
        if (!mayAccept(from, nowMs)) {
          latch.refused += 1;
          return false;
        }
        fix(from);
      }
      heardAtMs = nowMs;
      return true;
    },
    follow(to, nowMs) {
      allowed.add(plainAddress(to.address));
      fix(to);
      heardAtMs = nowMs;
    },
    allow(address) {
      allowed.add(plainAddress(address));
      fix(undefined);
    },
    expect(place, addresses, proven = false) {
      isProven = proven;
      const next = place && { address: plainAddress(place.address), port: place.port };
      const same = next && announced && next.address === announced.address && next.port === announced.port;
      allowed = new Set(addresses.map(plainAddress));
      if (next) {
        allowed.add(next.address);
        announced = next;
      }
      const isStranger = fixed !== undefined && !proven && !allowed.has(fixed.address);
      if (isStranger || (next && !same)) fix(undefined);
      else latch.target = fixed ?? announced;
    },
  };
  return latch;
}
