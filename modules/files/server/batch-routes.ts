import { type PersonActor, Problem, type ProblemBody } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { readBounded, whileAllowed } from '@liaison/core/http';
import { type BatchResult, maxBatchBytes, maxBatchLineBytes, sendBatch } from '../contract/index.ts';
import type { Request } from './download.ts';
import { type HeldFile, isRefusal, type KeepFiles } from './keep-files.ts';
import { readName } from './names.ts';
import { readBatch } from './read-batch.ts';
import { busy } from './whole-files.ts';

/** What is under way of one person and of all in this process: each lies in memory until it is answered. */
const mostOfOne = 8;
const mostOfAll = 100;
const largestBodyBytes = maxBatchLineBytes + maxBatchBytes;

const tooLarge = () => new Problem(413, 'too-large', 'This batch is too large.');
const unexpected = () =>
  new Problem(500, 'unexpected', 'Something went wrong on our side. It has been written down.');

/** Many small files in one request, each answered by itself. */
export function serveBatches({ http, log }: Core, keep: KeepFiles): void {
  const underWay = new Map<string, number>();
  let all = 0;

  /** Her session may end while they come; the rights to folders are asked when they are here. */
  const stillSignedIn = (request: Request, actor: PersonActor) => async () =>
    (await http.authenticate({ headers: request.headers, ip: request.ip }))?.sessionId === actor.sessionId;

  http.route(sendBatch, async ({ actor, request, signal, requestId }) => {
    const { personId, orgId } = actor;
    if (request.headers['content-type'] !== 'application/octet-stream') {
      throw new Problem(415, 'files-batch-type', 'A batch of files is application/octet-stream.');
    }
    const mine = underWay.get(personId) ?? 0;
    if (mine >= mostOfOne || all >= mostOfAll) throw busy();
    underWay.set(personId, mine + 1);
    all += 1;
    try {
      const source = whileAllowed(request.raw, stillSignedIn(request, actor));
      const files = readBatch(await readBounded(source, largestBodyBytes, signal, tooLarge));
      const results = files.map(({ name }): unknown => faultIn(name));
      const held = files.flatMap((file, at): (HeldFile & { readonly at: number })[] => {
        const { bytes, ...upload } = file;
        return results[at] === null ? [{ at, actor, upload: { ...upload, bytes: bytes.length }, bytes }] : [];
      });
      const outcomes = await keep(orgId, 'batch', held);
      const failed = outcomes.flatMap((each) =>
        'refused' in each && !isRefusal(each.refused) ? [each] : [],
      );
      // The database or the disk: nothing is acknowledged, and all of it is sent again.
      if (failed.length > 0 && failed.length === outcomes.length) throw failed[0]!.refused;
      for (const { refused } of failed) {
        log.error({ requestId, err: refused as Error }, 'a file of a batch could not be kept');
      }
      for (const [at, outcome] of outcomes.entries()) {
        results[held[at]!.at] = 'refused' in outcome ? outcome.refused : outcome;
      }
      return { results: results.map(resultOf) };
    } finally {
      all -= 1;
      const left = (underWay.get(personId) ?? 1) - 1;
      if (left === 0) underWay.delete(personId);
      else underWay.set(personId, left);
    }
  });
}

/** Why a name cannot be given; null when it can. */
function faultIn(name: string): Problem | null {
  try {
    readName(name);
    return null;
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

function resultOf(result: unknown): BatchResult {
  if (result instanceof Error) {
    const body: ProblemBody = (result instanceof Problem ? result : unexpected()).body();
    return { state: 'refused', problem: { ...body, errors: body.errors?.map((each) => ({ ...each })) } };
  }
  return result as BatchResult;
}
