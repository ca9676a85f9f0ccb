import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy, type PDFPageProxy } from 'pdfjs-dist';
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url';

GlobalWorkerOptions.workerSrc = workerUrl;

/** A picture in a document that unfolds to more pixels is left out. */
const maxImagePixels = 40_000_000;
/** A page drawn larger is drawn smaller and stretched. */
const maxCanvasPixels = 16_000_000;

export type { PDFDocumentProxy, PDFPageProxy };

/** Opens a document and reads of it what is looked at. No script of it runs. Whoever opens it calls `close`. */
export function openPdf(address: string): { document: Promise<PDFDocumentProxy>; close: () => void } {
  const task = getDocument({
    url: address,
    enableXfa: false,
    // Our policy has no place for WebAssembly.
    useWasm: false,
    maxImageSize: maxImagePixels,
    disableAutoFetch: true,
    disableStream: true,
  });
  return { document: task.promise, close: () => void task.destroy().catch(() => {}) };
}

/** Draws a page so wide, in pixels of the screen. @returns stops it. */
export function drawPage(
  page: PDFPageProxy,
  canvas: HTMLCanvasElement,
  width: number,
): { done: Promise<void>; stop: () => void } {
  const natural = page.getViewport({ scale: 1 });
  const wanted = (width * Math.min(2, window.devicePixelRatio || 1)) / natural.width;
  const most = Math.sqrt(maxCanvasPixels / Math.max(1, natural.width * natural.height));
  const viewport = page.getViewport({ scale: Math.min(wanted, most) });
  canvas.width = Math.max(1, Math.floor(viewport.width));
  canvas.height = Math.max(1, Math.floor(viewport.height));
  const task = page.render({ canvas, viewport });
  return { done: task.promise, stop: () => task.cancel() };
}
