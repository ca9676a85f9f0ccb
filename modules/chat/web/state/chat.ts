import { api, codeOf, isPassing, upload } from '@liaison/core/web';
import {
  listMessages,
  listThread,
  type Message,
  sendMessage,
  uploadAttachment,
} from '../../contract/index.ts';
import { createKept, type Kept } from './kept.ts';
import { newKey } from './new-key.ts';
import {
  createPendingFiles,
  FileGone,
  type PendingFile,
  type PendingFiles,
  type SeenFile,
} from './pending-files.ts';
import { createSendQueue, type SendQueue, type Unsent } from './send-queue.ts';
import { ownRows } from './storage.ts';
import { createTimelineStore, type StretchQuery, type TimelineStore } from './timeline-store.ts';
import { createTyping, type Typing } from './typing.ts';

/** What chat keeps for one person while the page lives. Knows no React. */
export interface Chat {
  readonly queue: SendQueue;
  readonly files: PendingFiles;
  readonly typing: Typing;
  /** What was seen last, for a page without the line. */
  readonly kept: Kept;
  /** The list of a conversation (`threadId` null) or thread that is on screen; kept true until `end`. */
  open(conversationId: string, threadId: string | null): { store: TimelineStore; end: () => void };
  /** Hears of the conversation's messages for a list of another kind. */
  follow(conversationId: string, store: TimelineStore): () => void;
  /** Whether this page has written anything yet, and how to hear of it. */
  readonly wrote: boolean;
  onWrote(listener: () => void): () => void;
  /** Queues what was written, with the files of its composer: they leave it, and go on uploading where they have to. */
  write(message: Pick<Unsent, 'conversationId' | 'threadId' | 'body'>, files?: readonly SeenFile[]): void;
  /** A message from a live event or an answer, for whatever shows it. */
  take(message: Message): void;
  /** Events were missed: what is shown is read anew. */
  refetch(): void;
  /** The line is back: what could not be read is read now. */
  wake(): void;
  start(): () => void;
}

/** Several answers of `too many` mean: later; so do answers that never came. */
const isLater = (error: unknown): boolean =>
  isPassing(error) || ['too-many', 'signed-out', 'database-unreachable'].includes(codeOf(error));

const codeOfFile = (error: unknown): string => (error instanceof FileGone ? error.code : codeOf(error));

export function createChat(personId: string): Chat {
  const shown = new Set<{ conversationId: string; store: TimelineStore }>();
  const typing = createTyping();
  const kept = createKept(personId);
  const unsentRows = ownRows<Unsent>('unsent', personId);
  const name = `liaison.chat.${personId}`;
  let channel: BroadcastChannel | undefined;
  let written = 0;
  const writeListeners = new Set<() => void>();

  function take(message: Message): void {
    for (const each of shown) {
      if (each.conversationId === message.conversationId) each.store.take(message);
    }
    if (message.authorId === personId) queue.confirmed(message.clientKey);
  }

  function follow(conversationId: string, store: TimelineStore): () => void {
    const entry = { conversationId, store };
    shown.add(entry);
    return () => void shown.delete(entry);
  }

  const pageId = newKey();
  const pageLock = (id: string): string => `${name}.page.${id}`;
  const files = createPendingFiles({
    storage: ownRows<PendingFile>('files', personId),
    upload: (file, { signal, onProgress }) =>
      upload(
        uploadAttachment,
        {
          params: { conversationId: file.conversationId },
          query: { name: file.name, type: file.mediaType },
        },
        file.blob,
        {
          signal,
          type: 'application/octet-stream',
          onProgress: (sent, total) => onProgress(total === 0 ? 0 : sent / total),
        },
      ),
    isPassing: isLater,
    codeOf: codeOfFile,
    pageId,
    afterPage: (id, work) =>
      (navigator.locks && id !== pageId ? navigator.locks.request(pageLock(id), work) : work()) as ReturnType<
        typeof work
      >,
  });

  const queue = createSendQueue({
    storage: unsentRows,
    prepare: (unsent) => Promise.all(unsent.files.map((file) => files.finish(file.key))),
    onLapsed: (gone) => files.lapsed(...gone.map((file) => file.key)),
    onReleased: (released) => files.remove(...released.map((file) => file.key)),
    send: ({ conversationId, clientKey, body, threadId, attachments }) =>
      api(sendMessage, {
        params: { conversationId },
        body: { clientKey, body, threadId, attachmentIds: attachments.map((each) => each.id) },
      }),
    onSent: take,
    isPassing: isLater,
    codeOf: codeOfFile,
    // Locks exist in secure contexts only; without them two pages may send the same key, which the server takes once.
    alone: (work) =>
      (navigator.locks ? navigator.locks.request(name, work) : work()) as ReturnType<typeof work>,
    onChanged: () => channel?.postMessage('changed'),
  });

  return {
    queue,
    files,
    typing,
    kept,
    open(conversationId, threadId) {
      const store = createTimelineStore({
        belongs: (message) => message.threadId === threadId,
        fetch:
          threadId === null
            ? (query, limit, mayBeOld) => stretchOf(kept, conversationId, query, limit, mayBeOld)
            : threadOf(threadId),
        isPassing,
      });
      const leave = follow(conversationId, store);
      const end = (): void => {
        leave();
        store.stop();
      };
      return { store, end };
    },
    follow,
    get wrote() {
      return written > 0;
    },
    onWrote(listener) {
      writeListeners.add(listener);
      return () => void writeListeners.delete(listener);
    },
    write(message, chosen = []) {
      written += 1;
      void queue.add({
        ...message,
        attachments: [],
        files: chosen.map(({ key, name, mediaType, bytes }) => ({ key, name, mediaType, bytes })),
        clientKey: newKey(),
        writtenAt: new Date().toISOString(),
        place: written,
        state: 'waiting',
        problem: null,
      });
      files.take(chosen.map((file) => file.key));
      for (const listener of [...writeListeners]) listener();
    },
    take,
    refetch() {
      for (const { store } of shown) void store.refetch();
    },
    wake() {
      for (const { store } of shown) store.wake();
    },
    start() {
      if (typeof BroadcastChannel !== 'undefined') {
        channel = new BroadcastChannel(name);
        channel.onmessage = () => void queue.reload();
      }
      const wake = (): void => {
        files.wake();
        queue.wake();
      };
      window.addEventListener('online', wake);
      // Held while the page lives: others take over its files when it is free.
      let leave = (): void => {};
      void navigator.locks?.request(
        pageLock(pageId),
        () => new Promise<void>((resolve) => (leave = resolve)),
      );
      let ended = false;
      const taken = async () =>
        new Set((await unsentRows.all()).flatMap((each) => (each.files ?? []).map((file) => file.key)));
      void files.start(taken).then(() => {
        if (!ended) void queue.start();
      });
      return () => {
        ended = true;
        window.removeEventListener('online', wake);
        files.stop();
        leave();
        channel?.close();
        channel = undefined;
        queue.stop();
        typing.stop();
        // Drawn no longer means signed out (closing the page runs nothing): others may use this device next.
        void kept.clear();
        void files.clear();
      };
    },
  };
}

async function stretchOf(
  kept: Kept,
  conversationId: string,
  query: StretchQuery,
  limit: number,
  mayBeOld: boolean,
) {
  const newest = 'newest' in query;
  const ask = () =>
    api(listMessages, { params: { conversationId }, query: { ...(newest ? {} : query), limit } });
  let old = false;
  const standsIn = (error: unknown): boolean => mayBeOld && isPassing(error);
  const { rows, older, newer } = newest
    ? await kept.or(`newest ${conversationId}`, ask, standsIn, () => {
        old = true;
      })
    : await ask();
  return { messages: rows, older, newer, old };
}

const threadOf = (threadId: string) => async (query: StretchQuery, limit: number) => {
  const { rows, older, newer } = await api(listThread, {
    params: { messageId: threadId },
    query: { ...('newest' in query ? {} : query), limit },
  });
  return { messages: rows, older, newer };
};
