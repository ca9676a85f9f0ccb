import { setTimeout as pause } from 'node:timers/promises';
import { currentContext, type RequestContext, runInContext } from '@liaison/core/context';
import { type PersonActor, Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { SentFiles } from '@liaison/files';
import type { Message } from '../contract/index.ts';
import { conversationFor } from './access.ts';
import { isSentMeanwhile, type NewMessage, sendMessage, sentBefore } from './actions/send-message.ts';
import { sendMessages } from './actions/send-messages.ts';
import { readMessages } from './queries.ts';

/** So many messages are written in one transaction at most, and so many may wait in one conversation. */
const longestBatch = 50;
const longestQueue = 2000;
/** While several people write, the next transaction begins so much later, this at most: more of them share it. */
const longestRestMs = 20;
const restFactor = 2;

interface Waiting {
  readonly actor: PersonActor;
  readonly message: NewMessage;
  readonly context: RequestContext;
  resolve(message: Message): void;
  reject(error: unknown): void;
}

export type SendQueue = (actor: PersonActor, conversationId: string, message: NewMessage) => Promise<Message>;

/**
 * Messages of this process into one conversation, one transaction at a time. A conversation's row is locked while a
 * message is written, so transactions beside each other would only wait for one another in the database; here those that
 * wait are written by the next transaction together. Somebody who writes alone waits for nothing.
 *
 * Each is answered, or refused, on its own, after the commit that holds it.
 */
export function createSendQueue({ db, spaces, outbox, ids }: Core, files: SentFiles): SendQueue {
  const needs = { emit: outbox.emit, nextId: () => ids.next(), files };
  /** Present while somebody works on it. */
  const queues = new Map<string, Waiting[]>();

  return (actor, conversationId, message) =>
    new Promise((resolve, reject) => {
      // Another organisation's id is asked for in its own name, never beside those who may.
      const key = `${actor.orgId} ${conversationId}`;
      const context = currentContext() ?? { requestId: 'chat' };
      const waiting: Waiting = { actor, message, context, resolve, reject };
      const queue = queues.get(key);
      if (!queue) {
        const mine = [waiting];
        queues.set(key, mine);
        void work(key, conversationId, mine);
      } else if (queue.length < longestQueue) queue.push(waiting);
      else
        reject(
          new Problem(503, 'busy', 'Too much is being said here; try again in a moment.', {
            retryAfterSeconds: 2,
          }),
        );
    });

  async function work(key: string, conversationId: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const begunMs = performance.now();
      const batch = next(queue);
      if (batch.length === 1) await alone(conversationId, batch[0]!);
      else await together(conversationId, batch);
      if (batch.length > 1 || queue.length > 0) {
        await pause(Math.min(longestRestMs, restFactor * (performance.now() - begunMs)));
      }
    }
    queues.delete(key);
  }

  /** The next ones that can be written together; what has files or is a reply is written alone, in its turn. */
  function next(queue: Waiting[]): Waiting[] {
    const special = queue.findIndex(
      ({ message }) => message.threadId !== null || message.attachmentIds.length > 0,
    );
    const plain = special < 0 ? queue.length : special;
    return queue.splice(0, Math.max(1, Math.min(plain, longestBatch)));
  }

  async function alone(
    conversationId: string,
    { actor, message, context, resolve, reject }: Waiting,
  ): Promise<void> {
    const once = () =>
      db.transaction(actor.orgId, async (tx) => {
        const [conversation, before] = await Promise.all([
          conversationFor(tx, spaces, actor, conversationId, 'comment'),
          sentBefore(tx, conversationId, [{ authorId: actor.personId, clientKey: message.clientKey }]),
        ]);
        const [sent] = await readMessages(
          tx,
          files,
          before.map(({ id }) => id),
        );
        return sent ?? sendMessage(tx, needs, actor, conversation, message);
      });
    await runInContext(context, () =>
      once().catch((error: unknown) => {
        if (isSentMeanwhile(error)) return once();
        throw error;
      }),
    ).then(resolve, reject);
  }

  async function together(conversationId: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await runInContext({ requestId: batch[0]!.context.requestId }, () =>
        db.transaction(batch[0]!.actor.orgId, (tx) =>
          sendMessages(
            tx,
            { ...needs, spaces },
            conversationId,
            batch.map(({ actor, message, context }) => ({ actor, message, requestId: context.requestId })),
          ),
        ),
      );
      batch.forEach(({ resolve, reject }, at) => {
        const outcome = outcomes[at]!;
        if ('message' in outcome) resolve(outcome.message);
        else reject(outcome.refused);
      });
    } catch (error) {
      if (error instanceof Problem) {
        // The database is away: that is so for all of them.
        for (const { reject } of batch) reject(error);
        return;
      }
      // Whatever it was, it concerns one of them or none: each gets its own answer. Its key makes that safe, also when
      // it is not known whether the commit held.
      for (const waiting of batch) await alone(conversationId, waiting);
    }
  }
}
