import { randomFillSync } from 'node:crypto';

/** Asked of the system for so many at once: asking costs more than making an id of it. Used once each, and never twice. */
const pool = Buffer.alloc(4096);
let used = pool.length;
function chance(bytes: number): number {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += bytes;
  return at;
}

/** The highest site number: ten bits. */
export const maxSite = 1023;

export interface Ids {
  /** The site that every id of this generator names. */
  readonly site: number;
  /** A new id, greater than every earlier one of this process in text and byte order. */
  next(): string;
}

/**
 * A generator of UUIDv7 (RFC 9562 §5.7) in lower case whose first ten bits after the variant are the site of birth:
 *
 * ```
 * tttttttt-tttt-7ccc-ssss-srrrrrrrrrrrr    t: 48 bits of Unix milliseconds   c: 12 bits of counter
 *                    10ss ssssssss rr…     s: 10 bits of site                r: 52 random bits
 * ```
 *
 * Within a millisecond the counter rises from a random start below 2048, so that at least 2048 ids fit; then, and when
 * the clock steps back, the generator goes on from the last time it used (RFC 9562 §6.2, methods 1 and 3 of its advice
 * on counter rollover and clock changes). `now` is for tests.
 */
export function createIds(options: { site: number; now?: () => number }): Ids {
  const { site, now = Date.now } = options;
  if (!Number.isInteger(site) || site < 0 || site > maxSite)
    throw new RangeError(`site must be 0 to ${maxSite}`);
  let lastMs = -1;
  let counter = 0;
  const siteBits = 0x8000 | (site << 4); // variant 10, ten bits of site, then four bits that get random

  return {
    site,
    next() {
      const ms = Math.floor(now());
      if (ms > lastMs) {
        lastMs = ms;
        counter = pool.readUInt16BE(chance(2)) & 0x7ff;
      } else if (counter < 0xfff) {
        counter++;
      } else {
        lastMs++;
        counter = pool.readUInt16BE(chance(2)) & 0x7ff;
      }
      // Read at once: the next one overwrites nothing of it, but a refilled pool does.
      const at = chance(7);
      const time = lastMs.toString(16).padStart(12, '0');
      const middle = (0x7000 | counter).toString(16);
      const born = (siteBits | (pool[at]! & 0x0f)).toString(16);
      return `${time.slice(0, 8)}-${time.slice(8)}-${middle}-${born}-${pool.toString('hex', at + 1, at + 7)}`;
    },
  };
}

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether this is an id as we write them: UUIDv7, lower case. Anything may be asked, also what came from a wire. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length === 36 && shape.test(value);
}

/** The number of the site where an id was born. Throws a `TypeError` for what is no id. */
export function siteOf(id: string): number {
  return (Number.parseInt(checked(id).slice(19, 23), 16) >> 4) & maxSite;
}

/** When an id was made, to the millisecond. Throws a `TypeError` for what is no id. */
export function timeOf(id: string): Date {
  return new Date(Number.parseInt(checked(id).slice(0, 8) + id.slice(9, 13), 16));
}

function checked(id: string): string {
  if (!isId(id)) throw new TypeError('not an id');
  return id;
}
