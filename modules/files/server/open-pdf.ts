import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { PDFDocumentLoadingTask } from 'pdfjs-dist/types/src/display/api.js';

/**
 * Opens a document of a stranger, in a process of its own: no script of it runs, and nothing but its own bytes and pdf.js's fonts is
 * read. Whoever opens it destroys it.
 *
 * @param maxImageSize pixels; a picture that unfolds to more is left out.
 */
export async function openPdf(path: string, maxImageSize: number): Promise<PDFDocumentLoadingTask> {
  // Slow to load, and most of what is drawn are pictures.
  const { getDocument, VerbosityLevel } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const shipped = new URL('../../', import.meta.resolve('pdfjs-dist/legacy/build/pdf.mjs'));
  return getDocument({
    data: new Uint8Array(await readFile(path)),
    verbosity: VerbosityLevel.ERRORS,
    enableXfa: false,
    useWasm: false,
    useSystemFonts: false,
    disableFontFace: true,
    maxImageSize,
    standardFontDataUrl: fileURLToPath(new URL('standard_fonts/', shipped)),
    // Without these what is written in Chinese, Japanese or Korean is numbers of drawings.
    cMapUrl: fileURLToPath(new URL('cmaps/', shipped)),
    cMapPacked: true,
  });
}
