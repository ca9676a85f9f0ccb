import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { currentContext, type RequestContext, runInContext } from '@liaison/core/context';
import { type PersonActor, Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { folderFor } from './access.ts';
import type { Needs } from './actions/needs.ts';
import { type Received, receiveFile, receiveFiles } from './actions/receive-files.ts';
import type { NewUpload } from './actions/uploads.ts';
import { readName } from './names.ts';
import { keptText } from './texts/decode-text.ts';
import { writtenIn } from './texts/written-in.ts';

/** What is larger waits in the spool, and can be gone on with: these wait in memory. */
export const largestAtOnceBytes = 256 * 1024;
/** So much of a text is read while its sender waits. */
export const readAtOnceBytes = 16 * 1024;
const longestBatch = 50;
const longestQueue = 200;
/** While several come, the next transaction begins so much later, this at most: more of them share it. */
const longestRestMs = 10;
const restFactor = 0.5;

interface Waiting {
  readonly actor: PersonActor;
  readonly upload: NewUpload;
  readonly bytes: Uint8Array;
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
export function createWholeFiles({ db, blobs, spaces }: Core, needs: Needs): ReceiveWhole {
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
    const { orgId } = first.actor;
    const { folderId } = first.upload;
    const inContext = <Result>(work: () => Promise<Result>) =>
      runInContext({ requestId: first.context.requestId }, work);
    // Asked before anything is stored, and once more under the lock.
    const refused = new Map<string, unknown>();
    await inContext(() =>
      db.read(orgId, async (tx) => {
        for (const [personId, actor] of new Map(batch.map(({ actor }) => [actor.personId, actor]))) {
          await folderFor(tx, spaces, actor, folderId, 'write').catch((error: unknown) => {
            if (!(error instanceof Problem) || error.status >= 500) throw error;
            refused.set(personId, error);
          });
        }
      }),
    );
    const taken = batch.filter(({ actor, reject }) => {
      const why = refused.get(actor.personId);
      if (why !== undefined) reject(why);
      return why === undefined;
    });
    if (taken.length === 0) return;
    const contents = await blobs.putAll(taken.map(({ bytes }) => bytes));
    const stored = taken.map((waiting, at) => {
      const { actor, upload } = waiting;
      return { waiting, file: { actor, upload, content: contents[at]!, text: textIn(waiting) } };
    });
    const outcomes: readonly Received[] = await inContext(() =>
      db.transaction(orgId, (tx) =>
        receiveFiles(
          tx,
          needs,
          folderId,
          stored.map(({ file }) => file),
        ),
      ),
    ).catch((error: unknown) => {
      // The database is away, or refuses them all.
      if (error instanceof Problem) throw error;
      // Whatever it was, it concerns one of them or none: each gets its own answer.
      return stored.map(() => 'alone' as const);
    });
    for (const [at, { waiting, file }] of stored.entries()) {
      const outcome = outcomes[at]!;
      if (outcome === 'alone') {
        await runInContext(waiting.context, () =>
          db.transaction(orgId, (tx) => receiveFile(tx, needs, file)),
        ).then(waiting.resolve, waiting.reject);
      } else if ('refused' in outcome) waiting.reject(outcome.refused);
      else waiting.resolve(outcome.uploadId);
    }
  }
}

/** What is written in a small text is kept with it; more is read by a job, since who waits for this has not asked for that. */
function textIn({ upload: { name, mediaType }, bytes }: Waiting): string | null {
  const isSmallText =
    bytes.length <= readAtOnceBytes &&
    writtenIn({ name: readName(name), mediaType, bytes: bytes.length }) === 'text';
  return isSmallText ? keptText(bytes) : null;
}

const busy = () =>
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
