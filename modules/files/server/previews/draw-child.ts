/**
 * A process that draws pictures anew and first pages of documents, one after the other: what a stranger's picture does to a decoder happens here, where no
 * secret, no connection and nobody else's work is. Its parent bounds its time and memory, and it ends with its parent.
 */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { openPdf } from '../open-pdf.ts';
import type { Drawn, ToDraw } from './drawer.ts';

/** What unfolds to more is refused before it is unfolded. */
const maxPixels = 60_000_000;
const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'heif', 'tiff']);

/** A picture in a document that unfolds to more is left out. */
const maxPdfImagePixels = 20_000_000;

/** What pdf.js draws on where there is no page: its own dependency `@napi-rs/canvas`. */
interface CanvasFactory {
  create(
    width: number,
    height: number,
  ): { readonly canvas: HTMLCanvasElement & { toBuffer(type: 'image/png'): Buffer } };
}

sharp.concurrency(1);
sharp.cache(false);
// Whatever a file is called: these are programs, documents and files that name other files.
sharp.block({
  operation: ['VipsForeignLoadSvg', 'VipsForeignLoadPdf', 'VipsForeignLoadMagick', 'VipsForeignLoadVips'],
});

async function draw({ from, to, side, kind }: ToDraw): Promise<Drawn> {
  const source = kind === 'pdf' ? await firstPage(from, side) : from;
  const picture = sharp(source, { limitInputPixels: maxPixels, animated: false });
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

/** As PNG, on white. */
async function firstPage(path: string, side: number): Promise<Buffer> {
  const opening = await openPdf(path, maxPdfImagePixels);
  try {
    const document = await opening.promise;
    const page = await document.getPage(1);
    const natural = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: side / Math.max(natural.width, natural.height, 1) });
    const factory = document.canvasFactory as unknown as CanvasFactory;
    const { canvas } = factory.create(
      Math.max(1, Math.floor(viewport.width)),
      Math.max(1, Math.floor(viewport.height)),
    );
    await page.render({ canvas, viewport, background: '#ffffff' }).promise;
    return canvas.toBuffer('image/png');
  } finally {
    await opening.destroy();
  }
}

process.on('disconnect', () => process.exit(0));
process.on('message', (wanted: ToDraw) => {
  draw(wanted)
    .catch((error: unknown): Drawn => ({ ok: false, why: String(error).slice(0, 300) }))
    .then((drawn) => process.send?.(drawn));
});
