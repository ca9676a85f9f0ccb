import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createRandom } from '../../testing/seeded-damage.ts';

/** How an upload is broken off in its middle: its connection, its server, or the page that sends it. */
export type Cut = 'connection' | 'server' | 'page';

export interface PlannedUpload {
  readonly at: number;
  readonly name: string;
  readonly bytes: number;
  readonly cut: Cut;
  /** After how many of its bytes. */
  readonly cutAt: number;
}

/** Fewer cannot be cut in their middle. */
const fewestBytes = 2000;
/** Larger files are chosen again by whoever reloads the page, which nobody here does. */
const largestOfPage = 60_000_000;

/**
 * Uploads of sizes that are as often between 10 kB and 100 kB as between 10 and 100 MB; the same for each seed.
 *
 * @param share how many of a hundred are cut with their server, and by a reload of their page.
 */
export function planUploads(
  seed: number,
  count: number,
  largestBytes: number,
  share: { readonly server: number; readonly page: number },
): readonly PlannedUpload[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    // Of each hundred exactly so many, and of a few some of each.
    const place = (at * 37) % 100;
    const cut = place < share.server ? 'server' : place < share.server + share.page ? 'page' : 'connection';
    const most = cut === 'page' ? Math.min(largestBytes, largestOfPage) : largestBytes;
    const bytes = Math.round(fewestBytes * (most / fewestBytes) ** (random(1_000_001) / 1_000_000));
    return { at, name: `upload ${at}.bin`, bytes, cut, cutAt: 1 + random(bytes - 1) };
  });
}

const chunkBytes = 2 ** 16;
const blockBytes = 16;

/** What an upload holds from a place on: a key stream, so that any part of it is had without the parts before. */
export function contentOf(seed: number, upload: PlannedUpload, from = 0, to = upload.bytes): Readable {
  const key = createHash('sha256').update(`${seed} ${upload.at}`).digest().subarray(0, 16);
  const counter = Buffer.alloc(16);
  counter.writeUInt32BE(Math.floor(from / blockBytes), 12);
  const cipher = createCipheriv('aes-128-ctr', key, counter);
  cipher.update(Buffer.alloc(from % blockBytes));
  const zeros = Buffer.alloc(chunkBytes);
  return Readable.from(
    (function* () {
      for (let at = from; at < to; at += chunkBytes) {
        yield cipher.update(zeros.subarray(0, Math.min(chunkBytes, to - at)));
      }
    })(),
    { objectMode: false, highWaterMark: chunkBytes },
  );
}

export async function sumOf(content: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
