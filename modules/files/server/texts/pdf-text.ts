import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { getDocument, VerbosityLevel } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { TextContent } from 'pdfjs-dist/types/src/display/api.js';
import type { Enough } from './written.ts';

const mostPages = 500;

/** Page after page as its words stand in it. No script of the document runs, and no picture of it is unfolded. */
export async function readPdf(path: string, written: Enough): Promise<void> {
  const shipped = new URL('../../', import.meta.resolve('pdfjs-dist/legacy/build/pdf.mjs'));
  const opening = getDocument({
    data: new Uint8Array(await readFile(path)),
    verbosity: VerbosityLevel.ERRORS,
    enableXfa: false,
    useWasm: false,
    useSystemFonts: false,
    disableFontFace: true,
    maxImageSize: 1,
    standardFontDataUrl: fileURLToPath(new URL('standard_fonts/', shipped)),
    // Without these what is written in Chinese, Japanese or Korean is numbers of drawings.
    cMapUrl: fileURLToPath(new URL('cmaps/', shipped)),
    cMapPacked: true,
  });
  try {
    const document = await opening.promise;
    const pages = Math.min(document.numPages, mostPages);
    for (let number = 1; number <= pages && !written.isEnough(); number += 1) {
      const page = await document.getPage(number);
      // In pieces: a page may be as long as whoever made it liked.
      const pieces = page.streamTextContent().getReader();
      for (;;) {
        const { done, value } = (await pieces.read()) as ReadableStreamReadResult<TextContent>;
        if (done) break;
        for (const item of value.items) {
          if ('str' in item) written.add(item.hasEOL ? `${item.str}\n` : item.str);
        }
        if (written.isEnough()) {
          await pieces.cancel(new Error('enough of it was read'));
          break;
        }
      }
      written.add('\n');
      page.cleanup();
    }
  } finally {
    await opening.destroy();
  }
}
