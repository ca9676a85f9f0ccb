import { Problem, RequestProblem, upload } from '@liaison/core/web';
import {
  type BatchResult,
  batchLine,
  largestInBatchBytes,
  maxBatchBytes,
  maxBatchFiles,
  sendBatch,
} from '../../contract/index.ts';

/** A small file that goes with others. */
export interface SmallFile {
  readonly folderId: string;
  readonly name: string;
  readonly file: Blob;
}

/** The pauses before it is tried again, as long as uploads by tus have them. */
const retryDelaysMs = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000];

/** How many of these, from the first on, go with one request. */
export function fittingBatch(sizes: readonly number[]): number {
  let bytes = 0;
  const most = sizes.slice(0, maxBatchFiles);
  const end = most.findIndex((size) => {
    bytes += size;
    return bytes > maxBatchBytes;
  });
  return end === -1 ? most.length : end;
}

/**
 * Sends small files with one request, and again where no answer came: what was kept of them is known by its bytes. Answers what
 * became of each, an error where it was refused.
 *
 * @throws what kept all of them from being sent.
 */
export async function sendFiles(
  files: readonly SmallFile[],
  { signal, onProgress }: { signal: AbortSignal; onProgress(sent: readonly number[]): void },
): Promise<readonly (Error | null)[]> {
  const contents = await Promise.all(files.map(({ file }) => contentOf(file)));
  const readable = files.flatMap((file, at) => {
    const content = contents[at];
    return content ? [{ at, file, content }] : [];
  });
  const outcomes = files.map((): Error | null => unreadable());
  if (readable.length === 0) return outcomes;
  const line = new TextEncoder().encode(
    batchLine(
      readable.map(({ file: { folderId, name, file }, content }) => ({
        folderId,
        name,
        type: file.type.slice(0, 300),
        bytes: content.byteLength,
      })),
    ),
  );
  const body = new Blob([line, ...readable.map(({ content }) => content)]);
  const tellProgress = (sent: number): void => {
    const each = files.map(() => 0);
    let left = sent - line.length;
    for (const { at, content } of readable) {
      each[at] = Math.max(0, Math.min(left, content.byteLength));
      left -= content.byteLength;
    }
    onProgress(each);
  };
  const results = await untilAnswered(signal, async () => {
    const answer = await upload(sendBatch, {}, body, {
      signal,
      onProgress: tellProgress,
      type: 'application/octet-stream',
    });
    return answer.results;
  });
  for (const [index, { at }] of readable.entries()) outcomes[at] = errorOf(results[index]);
  return outcomes;
}

/** Null where it cannot be read any more: it was changed or deleted since it was chosen. */
async function contentOf(file: Blob): Promise<ArrayBuffer | null> {
  const content = await file.arrayBuffer().catch(() => null);
  return content && content.byteLength <= largestInBatchBytes ? content : null;
}

const unreadable = () => new RequestProblem(0, 'files-unreadable', 'This file cannot be read any more.');

function errorOf(result: BatchResult | undefined): Error | null {
  if (result?.state === 'refused') return RequestProblem.of(result.problem as never);
  return result ? null : new RequestProblem(0, 'unreadable', 'The answer could not be read.');
}

async function untilAnswered<Answer>(signal: AbortSignal, ask: () => Promise<Answer>): Promise<Answer> {
  for (const delayMs of retryDelaysMs) {
    try {
      return await ask();
    } catch (error) {
      const status = error instanceof Problem ? error.status : 400;
      if (signal.aborted || (status !== 0 && status < 500)) throw error;
      await pause(delayMs, signal);
    }
  }
  return ask();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    signal.addEventListener('abort', giveUp, { once: true });
  });
}
