import type { Readable } from 'node:stream';
import { Problem } from '../contract/index.ts';

/**
 * Reads all of an upload that may have at most `maxBytes`. Of a longer one nothing is kept and the rest is let run off:
 * the connection lives on, so that the refusal can be read.
 */
export function readBounded(
  source: Readable,
  maxBytes: number,
  signal: AbortSignal,
  refuse: () => Problem,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    const brokenOff = () => reject(new Problem(400, 'invalid', 'The upload was broken off.'));
    source.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else {
        chunks = [];
        reject(refuse());
      }
    });
    source.once('end', () => resolve(Buffer.concat(chunks)));
    source.once('error', brokenOff);
    source.once('close', brokenOff);
    signal.addEventListener('abort', brokenOff, { once: true });
  });
}
