import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { addressBytes } from './address-bytes.ts';
import type { Endpoint } from './types.ts';

/** Holds a burst of registrations while the event loop is busy. */
export const receiveQueueBytes = 4 * 1024 * 1024;

/** What the system granted, of what it said that it did. */
export function grantedBytes(saidBytes: number, platform: NodeJS.Platform = process.platform): number {
  // socket(7): Linux doubles what it is asked for, for what it keeps beside the bytes, and says the double.
  return platform === 'linux' ? saidBytes / 2 : saidBytes;
}

/** An address as /proc/net/udp writes it on a machine with little-endian words: `0100007F:13C4`. */
export function procAddress({ address, port }: Endpoint): string | undefined {
  const bytes = addressBytes(address);
  if (!bytes) return undefined;
  for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  return `${bytes.toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

/**
 * How many datagrams for this address the system dropped because nobody read them in time, since the socket was opened: the last
 * column of proc(5) `/proc/net/udp`. Undefined where that is not to be had.
 */
export function readDrops(table: string, local: Endpoint): number | undefined {
  const own = procAddress(local);
  const at = own === undefined ? -1 : table.indexOf(` ${own} `);
  if (at < 0) return undefined;
  const end = table.indexOf('\n', at);
  const line = table.slice(at, end < 0 ? undefined : end).trimEnd();
  const drops = Number(line.slice(line.lastIndexOf(' ') + 1));
  return Number.isSafeInteger(drops) && drops >= 0 ? drops : undefined;
}

/** What was read so long ago says nothing of now. */
const freshMs = 3000;

/** Counts what is lost, each time that it is asked from one time to the next. */
export function createDropCounter(
  local: Endpoint,
  now: () => number,
  readTable: (file: string) => Promise<string> = (file) => readFile(file, 'latin1'),
): {
  lost(): Promise<number>;
  /** Since the socket was opened; undefined where nobody knows. */
  dropped(): Promise<number | undefined>;
} {
  const file = isIPv6(local.address) ? '/proc/net/udp6' : '/proc/net/udp';
  let last: { drops: number; atMs: number } | undefined;
  const dropped = async () => readDrops(await readTable(file).catch(() => ''), local);
  return {
    dropped,
    async lost() {
      const drops = await dropped();
      const atMs = now();
      const before = last;
      last = drops === undefined ? undefined : { drops, atMs };
      if (drops === undefined || !before || atMs - before.atMs > freshMs) return 0;
      return Math.max(0, drops - before.drops);
    },
  };
}
