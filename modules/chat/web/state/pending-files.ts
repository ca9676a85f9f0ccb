import { type Attachment, maxAttachmentBytes, maxAttachments } from '../../contract/index.ts';
import { newKey } from './new-key.ts';
import type { OwnRows } from './storage.ts';

/** A file that was chosen and whose message the server has not confirmed. */
export interface PendingFile {
  readonly key: string;
  readonly conversationId: string;
  /** The composer that it lies in (`placeOf`); null once a message took it. */
  readonly place: string | null;
  /** The page that sends it; another takes over when that one is gone. */
  readonly owner: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Its place among those of its message: later than what was chosen before, in milliseconds since 1970. */
  readonly order: number;
  readonly blob: Blob;
  /** Set once it is on the server, which lets go of it after a day without a message. */
  readonly attachment: Attachment | null;
  readonly uploadedAt: number | null;
}

/** As this page knows it. */
export interface SeenFile extends PendingFile {
  /** 0 to 1. */
  readonly progress: number;
  /** `waiting`: the server could not be reached; `refused`: it said no, for `problem`. */
  readonly state: 'uploading' | 'waiting' | 'refused' | 'done';
  /** Code of what went wrong when refused. */
  readonly problem: string | null;
  /** Survives a reload. */
  readonly kept: boolean;
}

export interface PendingFiles {
  readonly files: readonly SeenFile[];
  subscribe(listener: () => void): () => void;
  /** Takes over what pages that are gone have left. `taken`: keys that messages refer to. */
  start(taken: () => Promise<ReadonlySet<string>>): Promise<void>;
  stop(): void;
  /** Adds files to a composer; answers how many were left out, and how many would not survive a reload. */
  add(
    conversationId: string,
    place: string,
    files: readonly File[],
  ): { tooMany: number; tooLarge: number; notKept: number };
  remove(...keys: string[]): void;
  retry(key: string): void;
  /** The line is back. */
  wake(): void;
  /** They go with a message now and leave the composer. */
  take(keys: readonly string[]): void;
  /** The file on the server, whoever uploads it. @throws what the upload fails with, or `file-gone`. */
  finish(key: string): Promise<Attachment>;
  /** The server has them no more: whoever asks for them next uploads them anew. */
  lapsed(...keys: string[]): Promise<void>;
  /** Forgets what lies in composers: others may use this device next. */
  clear(): Promise<void>;
}

export interface PendingFilesOptions {
  readonly storage: OwnRows<PendingFile>;
  readonly upload: (
    file: PendingFile,
    options: { signal: AbortSignal; onProgress: (share: number) => void },
  ) => Promise<Attachment>;
  readonly isPassing: (error: unknown) => boolean;
  readonly codeOf: (error: unknown) => string;
  /** This page. */
  readonly pageId: string;
  /** Waits until a page is gone, then works while no other page does in its place. */
  readonly afterPage: <Result>(pageId: string, work: () => Promise<Result>) => Promise<Result>;
  readonly firstRetryMs?: number;
}

/** Bytes of one person's files that are kept on a device; what goes beyond lives as long as the page. */
export const maxKeptBytes = 300 * 1024 * 1024;
const longestRetryMs = 20_000;
/** The server forgets after a day what no message took; well before that it is sent there again. */
const freshMs = 12 * 3_600_000;
/** Nobody comes back to a file that long after choosing it. */
const forgottenMs = 14 * 86_400_000;

/** The file on the server, as long as it is surely there. */
export const uploadedOf = ({ attachment, uploadedAt }: PendingFile): Attachment | null =>
  uploadedAt !== null && Date.now() - uploadedAt < freshMs ? attachment : null;

export const placeOf = (conversationId: string, threadId: string | null): string =>
  threadId === null ? conversationId : `${conversationId}:${threadId}`;

export class FileGone extends Error {
  readonly code = 'file-gone';
}

/**
 * Uploads files as they are chosen and keeps them on the device until their message is sent. A file belongs to one page;
 * what a closed or reloaded page leaves is taken over by the next one and continued.
 */
export function createPendingFiles(options: PendingFilesOptions): PendingFiles {
  const { storage, pageId, firstRetryMs = 1_000 } = options;
  let files: readonly SeenFile[] = [];
  let order = Date.now();
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const listeners = new Set<() => void>();
  const running = new Map<string, { stop: AbortController; done: Promise<Attachment> }>();

  const find = (key: string): SeenFile | undefined => files.find((each) => each.key === key);
  function become(next: readonly SeenFile[]): void {
    files = next;
    for (const listener of [...listeners]) listener();
  }
  const change = (key: string, next: Partial<SeenFile>): void =>
    become(files.map((each) => (each.key === key ? { ...each, ...next } : each)));
  function keep(key: string): Promise<void> {
    const held = find(key);
    if (!held?.kept) return Promise.resolve();
    const { progress: _, state: __, problem: ___, kept: ____, ...row } = held;
    return storage.put(row).catch(() => {
      if (find(key)) change(key, { kept: false });
    });
  }

  function begin(file: SeenFile): Promise<Attachment> {
    const already = running.get(file.key);
    if (already) return already.done;
    const { key } = file;
    const stop = new AbortController();
    change(key, { state: 'uploading', problem: null, progress: 0 });
    const done = options
      .upload(file, { signal: stop.signal, onProgress: (share) => change(key, { progress: share }) })
      .then(
        async (attachment) => {
          running.delete(key);
          failures = 0;
          change(key, { attachment, uploadedAt: Date.now(), state: 'done', progress: 1 });
          await keep(key);
          return attachment;
        },
        (error) => {
          running.delete(key);
          if (options.isPassing(error)) {
            change(key, { state: 'waiting', progress: 0 });
            later();
          } else if (!stop.signal.aborted) change(key, { state: 'refused', problem: options.codeOf(error) });
          throw error;
        },
      );
    // Whoever waits for it hears; here the state says it.
    done.catch(() => {});
    running.set(key, { stop, done });
    return done;
  }
  function later(): void {
    clearTimeout(timer);
    failures += 1;
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 8));
    if (!stopped) timer = setTimeout(again, waitMs);
  }
  function again(): void {
    // What a message took is asked for by the queue.
    for (const file of files) if (file.state === 'waiting' && file.place !== null) void begin(file);
  }
  const seen = (row: PendingFile): SeenFile => ({
    ...row,
    progress: uploadedOf(row) ? 1 : 0,
    state: uploadedOf(row) ? 'done' : 'uploading',
    problem: null,
    kept: true,
  });

  return {
    get files() {
      return files;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async start(taken) {
      stopped = false;
      const rows = await storage.all().catch(() => []);
      const owners = new Set(rows.map((row) => row.owner).filter((owner) => owner !== pageId));
      for (const owner of owners) {
        void options.afterPage(owner, async () => {
          if (stopped) return;
          const [left, ofMessages] = await Promise.all([storage.all(), taken()]).catch(
            () => [[], new Set<string>()] as const,
          );
          for (const row of left) {
            if (row.owner !== owner || find(row.key)) continue;
            // Those of a message are asked for by the queue; without their message they are nobody's.
            if (ofMessages.has(row.key)) continue;
            if (row.place === null || Date.now() - row.order > forgottenMs) {
              await storage.remove(row.key).catch(() => {});
            } else {
              const mine = seen({ ...row, owner: pageId });
              become([...files, mine].sort((a, b) => a.order - b.order));
              await keep(mine.key);
              if (!uploadedOf(mine)) void begin(mine);
            }
          }
        });
      }
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      for (const { stop } of running.values()) stop.abort();
    },
    add(conversationId, place, added) {
      const fitting = added.filter((file) => file.size <= maxAttachmentBytes);
      const room = Math.max(0, maxAttachments - files.filter((each) => each.place === place).length);
      let keptBytes = files.reduce((sum, each) => sum + (each.kept ? each.bytes : 0), 0);
      const taken = fitting.slice(0, room).map((file): SeenFile => {
        const kept = keptBytes + file.size <= maxKeptBytes;
        if (kept) keptBytes += file.size;
        order += 1;
        return {
          ...seen({
            key: newKey(),
            conversationId,
            place,
            owner: pageId,
            name: file.name.slice(-255) || 'file',
            mediaType: file.type.slice(0, 255),
            bytes: file.size,
            order,
            blob: file,
            attachment: null,
            uploadedAt: null,
          }),
          kept,
        };
      });
      become([...files, ...taken]);
      for (const file of taken) {
        void keep(file.key);
        void begin(file);
      }
      return {
        tooLarge: added.length - fitting.length,
        tooMany: fitting.length - taken.length,
        notKept: taken.filter((file) => !file.kept).length,
      };
    },
    remove(...keys) {
      if (keys.length === 0) return;
      for (const key of keys) running.get(key)?.stop.abort();
      become(files.filter((each) => !keys.includes(each.key)));
      void storage.remove(...keys).catch(() => {});
    },
    retry(key) {
      const held = find(key);
      if (held) void begin(held);
    },
    wake() {
      failures = 0;
      again();
    },
    take(keys) {
      become(files.map((each) => (keys.includes(each.key) ? { ...each, place: null } : each)));
      for (const key of keys) void keep(key);
    },
    async finish(key) {
      const held = find(key);
      if (held) return uploadedOf(held) ?? begin(held);
      const row = await storage.get(key);
      if (!row) throw new FileGone('no such file on this device');
      return options.afterPage(row.owner, async () => {
        const now = await storage.get(key);
        if (!now) throw new FileGone('no such file on this device');
        const there = uploadedOf(now);
        if (there) return there;
        const mine = seen({ ...now, place: null, owner: pageId });
        if (!find(key)) become([...files, mine].sort((a, b) => a.order - b.order));
        await keep(key);
        return begin(mine);
      });
    },
    async lapsed(...keys) {
      const notThere = { attachment: null, uploadedAt: null };
      for (const key of keys) {
        if (find(key)) {
          change(key, { ...notThere, state: 'waiting', progress: 0 });
          await keep(key);
        } else {
          const row = await storage.get(key);
          if (row) await storage.put({ ...row, ...notThere });
        }
      }
    },
    async clear() {
      const left = await storage.all().catch(() => []);
      const keys = left.filter((row) => row.place !== null).map((row) => row.key);
      if (keys.length > 0) await storage.remove(...keys).catch(() => {});
    },
  };
}
