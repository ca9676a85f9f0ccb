import type { Db } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import type { EndReason } from '../contract/index.ts';
import {
  type CallRow,
  writeCallAnswered,
  writeCallEnded,
  writeCallQuality,
  writeCallStarted,
} from './actions/write-call.ts';
import type { Call } from './call.ts';
import type { CallQuality } from './call-quality.ts';

type CallClaim = Parameters<Reach['claim']>[0];

/**
 * What is written of running calls: their rows, their events and what they claim about their people. Of one call one after
 * another, so that its end is never stored before its answer; what belongs together goes in one transaction, which calls that
 * begin, are answered or end at the same moment share (`db.shared`). A call that is put through and ends writes three times: how
 * it sounded is usually known by the time that its end is written.
 */
export interface CallWrites {
  /** Runs what sets a call up; whatever is written of it goes after that, whether it succeeds or fails. */
  first<T>(callId: string, work: () => Promise<T>): Promise<T>;
  /** Its row, and what it claims. Part of what sets it up, so it waits for nothing else of this call. */
  started(call: Call, how: { dialled: string; site: number; claims: readonly CallClaim[] }): Promise<void>;
  answered(call: Call): void;
  /** Also gives back whatever it has claimed. */
  ended(call: Call, how: { reason: EndReason; missed: boolean }): void;
  sounded(call: Call, quality: CallQuality): void;
  /** Queues another write about a call behind those before. */
  later(callId: string, what: string, work: () => Promise<void>): void;
  /** Resolves when what was queued so far is written. */
  written(callId: string): Promise<void>;
  /** Resolves when the ends of all calls of hers that have ended are written. */
  endsOf(personId: string): Promise<void>;
  claimOf(call: Call, personId: string, kind: 'ringing' | 'call'): CallClaim;
  settled(): Promise<void>;
}

/** What nobody waits for is gathered for so long, in milliseconds: calls that are answered or end meanwhile share it. */
const gatherMs = 30;

/** All of them are waited for, also when one fails: what is queued behind must not overtake the others. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

export function createCallWrites(options: {
  db: Pick<Db, 'transaction' | 'shared'>;
  people: Pick<People, 'personalSpace'>;
  emit: Emit;
  /** That of this process's calls (`call-claims.ts`). */
  reach: Pick<Reach, 'claim' | 'release'>;
  log: { error(fields: Record<string, unknown>, message: string): void };
}): CallWrites {
  const { db, people, emit, reach, log } = options;
  const needs = { people, emit };
  const writing = new Map<string, Promise<unknown>>();
  /** By person, those of her calls whose end is being written. */
  const ending = new Map<string, Set<string>>();
  /** Calls whose end is still to be written, with how they sounded once that is known. */
  const unwrittenEnds = new Map<string, { quality: CallQuality | null }>();

  const rowOf = (call: Call): CallRow => ({
    id: call.id,
    orgId: call.orgId,
    callerPersonId: call.caller.personId,
    calleePersonId: call.callee.personId,
  });
  const claimOf = (call: Call, personId: string, kind: 'ringing' | 'call'): CallClaim => ({
    orgId: call.orgId,
    personId,
    kind,
    ref: `call:${call.id}`,
  });
  const together = (begin: () => Promise<void>[]): Promise<void> => allOf(db.shared(begin));

  let moment: Promise<void> | undefined;
  /** The end of the moment that runs, the same for all. */
  const momentOver = (): Promise<void> => {
    moment ??= new Promise((resolve) => {
      setTimeout(() => {
        moment = undefined;
        resolve();
      }, gatherMs);
    });
    return moment;
  };

  function queue(callId: string, next: Promise<unknown>): void {
    writing.set(callId, next);
    void next.finally(() => {
      if (writing.get(callId) === next) writing.delete(callId);
    });
  }
  function later(callId: string, what: string, work: () => Promise<void>): void {
    const next = (writing.get(callId) ?? Promise.resolve()).then(work).catch((error: Error) => {
      log.error({ err: error, callId }, what);
    });
    queue(callId, next);
  }

  return {
    first(callId, work) {
      const outcome = work();
      queue(
        callId,
        outcome.then(
          () => {},
          () => {},
        ),
      );
      return outcome;
    },
    started(call, { dialled, site, claims }) {
      const row = { ...rowOf(call), dialled, site, startedAt: call.startedAt };
      return together(() => [
        db.transaction(call.orgId, (tx) => writeCallStarted(tx, needs, row)),
        ...claims.map((claim) => reach.claim(claim)),
      ]);
    },
    answered(call) {
      const row = rowOf(call);
      const at = call.answeredAt ?? new Date();
      const { calleePersonId } = row;
      later(call.id, 'the answer of a call, or who is busy by it, could not be stored', () =>
        momentOver().then(() =>
          together(() => [
            db.transaction(call.orgId, (tx) => writeCallAnswered(tx, needs, row, at)),
            ...(calleePersonId === null
              ? []
              : [
                  reach.claim(claimOf(call, calleePersonId, 'call')),
                  reach.release(claimOf(call, calleePersonId, 'ringing')),
                ]),
          ]),
        ),
      );
    },
    ended(call, { reason, missed }) {
      const row = rowOf(call);
      const transferredToPersonId = call.joinedWith?.personId ?? null;
      const personIds = [call.caller.personId, call.callee.personId].filter((id) => id !== null);
      for (const personId of personIds)
        ending.set(personId, (ending.get(personId) ?? new Set<string>()).add(call.id));
      unwrittenEnds.set(call.id, { quality: null });
      later(call.id, 'the end of a call, or that nobody is busy by it, could not be stored', () =>
        momentOver()
          .then(() => {
            const quality = unwrittenEnds.get(call.id)?.quality ?? null;
            unwrittenEnds.delete(call.id);
            return together(() => [
              db.transaction(call.orgId, (tx) =>
                writeCallEnded(tx, needs, row, { reason, missed, transferredToPersonId, quality }),
              ),
              ...personIds.flatMap((personId) => [
                reach.release(claimOf(call, personId, 'call')),
                reach.release(claimOf(call, personId, 'ringing')),
              ]),
            ]);
          })
          .finally(() => {
            for (const personId of personIds) {
              const left = ending.get(personId);
              left?.delete(call.id);
              if (left?.size === 0) ending.delete(personId);
            }
          }),
      );
    },
    sounded(call, quality) {
      const end = unwrittenEnds.get(call.id);
      if (end) {
        end.quality = quality;
        return;
      }
      later(call.id, 'how a call sounded could not be stored', () =>
        db.shared(() => db.transaction(call.orgId, (tx) => writeCallQuality(tx, call.id, quality))),
      );
    },
    later,
    async written(callId) {
      await writing.get(callId);
    },
    async endsOf(personId) {
      await Promise.all([...(ending.get(personId) ?? [])].map((callId) => writing.get(callId)));
    },
    claimOf,
    async settled() {
      while (writing.size > 0) await Promise.all(writing.values());
    },
  };
}
