import type { Readable } from 'node:stream';
import { Problem } from '../contract/index.ts';
import { readBounded } from '../http/index.ts';

/** Formats that are decoded; SVG is none of them, because it is a program. */
const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'avif']);
/** More pixels than any camera has; a small file can claim many more. */
const maxPixels = 100_000_000;
const mostAtOnce = 4;

const notAnImage = (cause?: unknown) =>
  new Problem(415, 'not-an-image', 'Send a photo as JPEG, PNG, WebP, AVIF, GIF or TIFF.', { cause });

/**
 * Makes any picture a WebP of 256 by 256 pixels without its metadata (place, camera), turned upright. The caller sees to it
 * that few are made at once.
 *
 * @throws Problem 415 `not-an-image`
 */
export async function drawPortrait(bytes: Uint8Array): Promise<Buffer> {
  if (bytes.length === 0) throw notAnImage();
  try {
    const { default: sharp } = await import('sharp');
    const open = () => sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', pages: 1 });
    const { format, width = 0, height = 0 } = await open().metadata();
    if (!format || !formats.has(format) || width < 1 || height < 1) throw notAnImage();
    return await open()
      .timeout({ seconds: 15 })
      .autoOrient()
      .resize(256, 256, { fit: 'cover', position: 'attention' })
      .webp({ quality: 82 })
      .toBuffer();
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw notAnImage(error);
  }
}

let underWay = 0;

/**
 * Reads an upload of at most `maxBytes` and makes a portrait of it.
 *
 * @throws Problem 413 `too-large`, 415 `not-an-image`, 429 when several are under way already
 */
export async function takePortrait(
  source: Readable,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<Buffer> {
  if (underWay >= mostAtOnce) {
    throw new Problem(429, 'too-many', 'Several photos are being worked on; try again in a moment.', {
      retryAfterSeconds: 2,
    });
  }
  underWay += 1;
  try {
    const tooLarge = () =>
      new Problem(413, 'too-large', `A photo has at most ${Math.floor(maxBytes / 1024 / 1024)} MB.`);
    return await drawPortrait(await readBounded(source, maxBytes, signal, tooLarge));
  } finally {
    underWay -= 1;
  }
}
