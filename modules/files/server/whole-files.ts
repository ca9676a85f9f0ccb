import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { currentContext, type RequestContext, runInContext } from '@liaison/core/context';
import { type PersonActor, Problem } from '@liaison/core/contract';
import type { NewUpload } from './actions/uploads.ts';
import type { HeldFile, KeepFiles } from './keep-files.ts';
import { readName } from './names.ts';

/** What is larger waits in the spool, and can be gone on with: these wait in memory. */
export const largestAtOnceBytes = 256 * 1024;
const longestBatch = 50;
const longestQueue = 200;
/** While several come, the next transaction begins so much later, this at most: more of them share it. */
const longestRestMs = 10;
const restFactor = 0.5;

interface Waiting extends HeldFile {
  readonly context: RequestContext;
  resolve(uploadId: string): void;
  reject(error: unknown): void;
}

/** Answers the id of the upload that has become a file. */
export type ReceiveWhole = (actor: PersonActor, upload: NewUpload, body: Readable) => Promise<string>;

/**
 * Small files that come whole with one request. They cannot be gone on with, so nothing of them is kept before they are files. Those
 * of one folder wait for each other's lock in any case: those that wait are written by the next transaction together, and what is
 * told of them is one event.
 */
export function createWholeFiles(keep: KeepFiles): ReceiveWhole {
  /** Present while somebody works on it. */
  const queues = new Map<string, Waiting[]>();

  return async (actor, upload, body) => {
    readName(upload.name);
    const bytes = await bodyOf(body, upload.bytes);
    return new Promise((resolve, reject) => {
      const key = `${actor.orgId} ${upload.folderId}`;
      const context = currentContext() ?? { requestId: 'files' };
      const waiting: Waiting = { actor, upload, bytes, context, resolve, reject };
      const queue = queues.get(key);
      if (!queue) {
        const mine = [waiting];
        queues.set(key, mine);
        void work(key, mine);
      } else if (queue.length < longestQueue) queue.push(waiting);
      else reject(busy());
    });
  };

  async function work(key: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const begunMs = performance.now();
      const batch = queue.splice(0, longestBatch);
      await together(batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      });
      if (batch.length > 1 || queue.length > 0) {
        await pause(Math.min(longestRestMs, restFactor * (performance.now() - begunMs)));
      }
    }
    queues.delete(key);
  }

  async function together(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    if (!first) return;
    // Of several people, of whom none is told as who did it.
    const outcomes = await runInContext({ requestId: first.context.requestId }, () =>
      keep(first.actor.orgId, 'upload', batch),
    );
    for (const [at, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[at]!;
      if ('refused' in outcome) reject(outcome.refused);
      else resolve(outcome.uploadId!);
    }
  }
}

export const busy = () =>
  new Problem(503, 'busy', 'Too many files come here at once; try again in a moment.', {
    retryAfterSeconds: 2,
  });

/** No more can come than its length says, which is what was said of the upload. */
async function bodyOf(body: Readable, bytes: number): Promise<Uint8Array> {
  // A line that broke is as good as one that ended early: nobody hears of it any more.
  const whole = await buffer(body).catch(() => null);
  if (whole?.length !== bytes) throw new Problem(400, 'files-upload-short', 'This upload is not whole.');
  return whole;
}
