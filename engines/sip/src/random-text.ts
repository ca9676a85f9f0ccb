import { randomFillSync } from 'node:crypto';

/** Asking the system for a few bytes costs as much as asking for thousands: they are asked for together, and each is given once. */
const pool = Buffer.alloc(4096);
let taken = pool.length;

/** Bytes from the system's secure source; a copy of its own. */
export function randomChunk(bytes: number): Buffer {
  const chunk = Buffer.allocUnsafe(bytes);
  takeRandom(bytes).copy(chunk);
  return chunk;
}

/** So many secure random bytes as text that a token of RFC 3261 §25.1 may hold. */
export function randomText(bytes: number): string {
  return takeRandom(bytes).toString('base64url');
}

/** A view that is good until the next call. */
function takeRandom(bytes: number): Buffer {
  if (taken + bytes > pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  const view = pool.subarray(taken, taken + bytes);
  taken += bytes;
  return view;
}
