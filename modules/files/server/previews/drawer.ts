import { fileURLToPath } from 'node:url';
import { createAskedProcess } from '../asked-process.ts';

const program = fileURLToPath(new URL('./draw-child.ts', import.meta.url));

export interface ToDraw {
  /** Paths of the picture and of the WebP that is made of it. */
  readonly from: string;
  readonly to: string;
  /** Longest side in pixels. */
  readonly side: number;
  /** What it is: of a document its first page is drawn. */
  readonly kind: 'picture' | 'pdf';
}

export type Drawn =
  | { readonly ok: true; readonly width: number; readonly height: number }
  | { readonly ok: false; readonly why: string };

export interface Drawer {
  /** One at a time. What takes too long or too much is an answer too: that it could not be drawn. */
  draw(wanted: ToDraw): Promise<Drawn>;
  close(): void;
}

const maxBytes = 700 * 1024 ** 2;

export function createDrawer({ maxMs = 20_000 }: { maxMs?: number } = {}): Drawer {
  const drawing = createAskedProcess<ToDraw, Drawn>({ program, maxMs, maxBytes });
  return {
    draw: async (wanted) =>
      (await drawing.ask(wanted)) ?? { ok: false, why: 'its process took too long or too much memory' },
    close: drawing.close,
  };
}
