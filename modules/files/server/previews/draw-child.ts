/**
 * A process that draws pictures anew, one after the other: what a stranger's picture does to a decoder happens here, where no
 * secret, no connection and nobody else's work is. Its parent bounds its time and memory, and it ends with its parent.
 */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { Drawn, ToDraw } from './drawer.ts';

/** What unfolds to more is refused before it is unfolded. */
const maxPixels = 60_000_000;
const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'heif', 'tiff']);

sharp.concurrency(1);
sharp.cache(false);
// Whatever a file is called: these are programs, documents and files that name other files.
sharp.block({
  operation: ['VipsForeignLoadSvg', 'VipsForeignLoadPdf', 'VipsForeignLoadMagick', 'VipsForeignLoadVips'],
});

async function draw({ from, to, side }: ToDraw): Promise<Drawn> {
  const picture = sharp(from, { limitInputPixels: maxPixels, animated: false });
  const { format } = await picture.metadata();
  if (!formats.has(format)) return { ok: false, why: `a picture of a kind that is not drawn: ${format}` };
  const { data, info } = await picture
    .rotate()
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer({ resolveWithObject: true });
  await writeFile(to, data);
  return { ok: true, width: info.width, height: info.height };
}

process.on('disconnect', () => process.exit(0));
process.on('message', (wanted: ToDraw) => {
  draw(wanted)
    .catch((error: unknown): Drawn => ({ ok: false, why: String(error).slice(0, 300) }))
    .then((drawn) => process.send?.(drawn));
});
