import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { mostText } from '@liaison/core/content';
import { makeScratchFolder } from '@liaison/core/scratch';
import { createAskedProcess } from '../asked-process.ts';
import type { DocumentKind } from './written-in.ts';

const program = fileURLToPath(new URL('./read-child.ts', import.meta.url));

export interface ToRead {
  readonly path: string;
  readonly kind: DocumentKind;
  readonly mostCharacters: number;
  /** It answers with what it has after so long. */
  readonly mostMs: number;
}

export interface DocumentText {
  readonly text: string;
  /** Why there is no more of it. */
  readonly why?: string;
}

export interface DocumentReader {
  /** One at a time. What takes too long or too much is an answer too: nothing, and why. */
  read(bytes: Readable, kind: DocumentKind, signal: AbortSignal): Promise<DocumentText>;
  close(): void;
}

const maxBytes = 500 * 1024 ** 2;
const mostMs = 10_000;

/** Reads documents in a process that is killed for its time or memory. */
export function createDocumentReader({ maxMs = 30_000 }: { maxMs?: number } = {}): DocumentReader {
  const reading = createAskedProcess<ToRead, DocumentText>({ program, maxMs, maxBytes });
  let isClosed = false;
  return {
    async read(bytes, kind, signal) {
      const folder = await makeScratchFolder('text');
      try {
        const path = join(folder, 'document');
        await pipeline(bytes, createWriteStream(path, { mode: 0o600 }), { signal });
        const read = await reading.ask({ path, kind, mostCharacters: mostText, mostMs });
        // Not the document's fault: it is read by the next process.
        if (isClosed) throw new Error('documents are read no longer');
        return read ?? { text: '', why: 'its process took too long or too much memory' };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    close() {
      isClosed = true;
      reading.close();
    },
  };
}
