import { Problem } from '@liaison/core/contract';
import { maxPhotoBytes } from '../contract/index.ts';

/** Formats that are decoded; SVG is none of them, because it is a program. */
const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'avif']);
/** More pixels than any camera has; a small file can claim many more. */
const maxPixels = 100_000_000;
const mostAtOnce = 2;

const notAnImage = (cause?: unknown) =>
  new Problem(415, 'not-an-image', 'Send a photo as JPEG, PNG, WebP, AVIF, GIF or TIFF.', { cause });

/** Reads an upload that may have at most so many bytes. */
export async function readBounded(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  refuse: () => Problem,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    // What is too much is let run off, so that the refusal can be read.
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > maxBytes) throw refuse();
  return Buffer.concat(chunks);
}

export const photoTooLarge = () =>
  new Problem(413, 'too-large', `A photo has at most ${maxPhotoBytes / 1024 / 1024} MB.`);

let underWay = 0;

/**
 * Makes any picture a WebP of 256 by 256 pixels without its metadata (place, camera), turned upright.
 *
 * @throws Problem 415 `not-an-image`, 429 when several are under way already.
 */
export async function encodePhoto(bytes: Buffer): Promise<Buffer> {
  if (underWay >= mostAtOnce) {
    throw new Problem(429, 'too-many', 'Several photos are being worked on; try again in a moment.', {
      retryAfterSeconds: 2,
    });
  }
  underWay += 1;
  try {
    if (bytes.length === 0) throw notAnImage();
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
  } finally {
    underWay -= 1;
  }
}
