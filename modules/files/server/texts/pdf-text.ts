import type { TextContent } from 'pdfjs-dist/types/src/display/api.js';
import { openPdf } from '../open-pdf.ts';
import type { Enough } from './written.ts';

const mostPages = 500;

/** Page after page as its words stand in it. No picture of it is unfolded. */
export async function readPdf(path: string, written: Enough): Promise<void> {
  const opening = await openPdf(path, 1);
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
