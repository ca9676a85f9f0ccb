import type { ProblemBody } from '@liaison/core/contract';
import {
  api,
  apiBase,
  isPassing,
  newRequestId,
  Problem,
  RequestProblem,
  tellSignedOut,
} from '@liaison/core/web';
import type { Upload as TusUpload } from 'tus-js-client';
import { beginUpload, createFolder } from '../../contract/index.ts';
import type { Dropped } from './dropped.ts';
import { type KeptUpload, keptUploads, largestKeptBytes } from './kept-uploads.ts';

export type UploadState = 'waiting' | 'running' | 'paused' | 'failed' | 'done' | 'missing';

/** One upload as a page shows it. `missing`: begun by an earlier page, and its file must be chosen again. */
export interface ShownUpload {
  readonly key: string;
  readonly name: string;
  readonly folderId: string;
  readonly bytes: number;
  readonly sent: number;
  readonly state: UploadState;
  readonly error: Error | null;
}

interface Held {
  shown: ShownUpload;
  kept: KeptUpload;
  file: Blob | null;
  running: TusUpload | null;
  /** Lets other pages of this browser have it. */
  release(): void;
}

/**
 * Takes an upload for this page, so that two pages of one browser do not send it both; null where another one has it. Where
 * there are no locks (a page over plain HTTP) everybody may.
 */
function take(key: string): Promise<(() => void) | null> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return Promise.resolve(() => {});
  return new Promise((taken) => {
    void locks.request(`liaison.files.upload:${key}`, { ifAvailable: true }, (lock) => {
      if (!lock) {
        taken(null);
        return undefined;
      }
      return new Promise<void>((release) => taken(release));
    });
  });
}

export interface UploadQueue {
  list(): readonly ShownUpload[];
  onChange(listener: () => void): () => void;
  /** Makes the folders, then sends the files, a few at a time. */
  add(folderId: string, dropped: Dropped): Promise<void>;
  pause(key: string): void;
  resume(key: string): void;
  /** Gives it up, here and at the server. */
  cancel(key: string): void;
  /** What failed for want of the server goes on: it is there again, however long that took. */
  connected(): void;
  /** The file of one that is `missing`; false when it is another one. */
  give(key: string, file: File): boolean;
  /** Takes what is done out of the list. */
  clear(): void;
  /** Stops everything without giving it up. */
  stop(): void;
}

const atOnce = 3;
/** What is smaller goes with the request that begins it, and the server keeps nothing of one that is cut. */
const inOneRequestBytes = 256 * 1024;

/** What is uploaded from this page: it goes on while pages change, and with the next page where this one went away. */
export function createUploadQueue(personId: string): UploadQueue {
  const kept = keptUploads(personId);
  const held = new Map<string, Held>();
  const listeners = new Set<() => void>();
  let shown: readonly ShownUpload[] = [];
  let isStopped = false;

  function tell(): void {
    shown = [...held.values()].map((each) => each.shown);
    for (const listener of [...listeners]) listener();
  }
  function set(each: Held, more: Partial<ShownUpload>): void {
    each.shown = { ...each.shown, ...more };
    tell();
  }

  async function start(each: Held): Promise<void> {
    if (!each.file) return;
    set(each, { state: 'running', error: null });
    const library = await import('tus-js-client').catch(() => null);
    if (library === null)
      return failed(each, new RequestProblem(0, 'offline', 'The uploader could not be fetched.'));
    const { Upload } = library;
    if (each.shown.state !== 'running' || isStopped) return;
    const upload = new Upload(each.file, {
      endpoint: `${apiBase}${beginUpload.path}`,
      uploadUrl: each.kept.url,
      uploadDataDuringCreation: each.shown.bytes <= inOneRequestBytes,
      uploadSize: each.shown.bytes,
      storeFingerprintForResuming: false,
      retryDelays: [0, 1000, 3000, 5000, 10_000, 20_000, 30_000],
      headers: { 'x-request-id': newRequestId() },
      metadata: { folderId: each.kept.folderId, filename: each.kept.name, filetype: each.file.type },
      onUploadUrlAvailable() {
        each.kept = { ...each.kept, url: upload.url };
        void kept.put(each.kept);
      },
      onProgress: (sent) => set(each, { sent }),
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        return status === 0 || status === 409 || status === 423 || status >= 500;
      },
      onSuccess() {
        each.running = null;
        void kept.remove(each.kept.key);
        each.release();
        each.file = null;
        set(each, { state: 'done', sent: each.shown.bytes });
        next();
      },
      onError: (error) => failed(each, problemOf(error)),
    });
    each.running = upload;
    upload.start();
  }

  function failed(each: Held, error: Error): void {
    each.running = null;
    set(each, { state: 'failed', error });
    next();
  }

  function next(): void {
    const all = [...held.values()];
    let room = atOnce - all.filter(({ shown: { state } }) => state === 'running').length;
    for (const each of all) {
      if (room <= 0) break;
      if (each.shown.state !== 'waiting') continue;
      room -= 1;
      void start(each);
    }
  }

  function hold(upload: KeptUpload, file: Blob | null, state: UploadState, release: () => void): void {
    const { key, name, folderId, bytes } = upload;
    const each: Held = {
      shown: { key, name, folderId, bytes, sent: 0, state, error: null },
      kept: upload,
      file,
      running: null,
      release,
    };
    held.set(key, each);
    tell();
  }

  /** Goes on with what an earlier page of this browser left. */
  async function goOn(): Promise<void> {
    for (const each of await kept.all()) {
      const release = held.has(each.key) ? null : await take(each.key);
      if (!release) continue;
      if (isStopped) return release();
      hold(each, each.file, each.file ? 'waiting' : 'missing', release);
    }
    next();
  }
  void goOn();

  /** The ids of folders by their path below the one that was dropped into, each asked for once. */
  function folderMaker(rootId: string): (folders: readonly string[]) => Promise<string> {
    const made = new Map<string, Promise<string>>();
    const make = (folders: readonly string[]): Promise<string> => {
      const name = folders.at(-1);
      if (name === undefined) return Promise.resolve(rootId);
      const path = folders.join('/');
      const known = made.get(path);
      if (known) return known;
      const asked = make(folders.slice(0, -1)).then(async (parentId) => {
        const folder = await api(createFolder, {
          params: { nodeId: parentId },
          body: { name, ifThere: 'use' },
        });
        return folder.id;
      });
      made.set(path, asked);
      return asked;
    };
    return make;
  }

  return {
    list: () => shown,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async add(rootId, { files, emptyFolders }) {
      const make = folderMaker(rootId);
      for (const folders of emptyFolders) await make(folders);
      for (const { file, folders } of files) {
        const upload: KeptUpload = {
          key: newRequestId(),
          folderId: await make(folders),
          name: file.name,
          bytes: file.size,
          changedAt: file.lastModified,
          url: null,
          file: file.size <= largestKeptBytes ? file : null,
        };
        hold(upload, file, 'waiting', (await take(upload.key)) ?? (() => {}));
        // Kept before it is sent, so that a page that goes away at once leaves it to the next.
        void kept.put(upload);
        next();
      }
    },
    pause(key) {
      const each = held.get(key);
      if (!each) return;
      void each.running?.abort();
      each.running = null;
      set(each, { state: 'paused' });
      next();
    },
    resume(key) {
      const each = held.get(key);
      if (!each) return;
      set(each, { state: 'waiting', error: null });
      next();
    },
    cancel(key) {
      const each = held.get(key);
      if (!each) return;
      held.delete(key);
      void each.running?.abort();
      void kept.remove(key).then(each.release);
      if (each.kept.url !== null && each.shown.state !== 'done') {
        void fetch(each.kept.url, {
          method: 'DELETE',
          credentials: 'same-origin',
          headers: { 'tus-resumable': '1.0.0' },
        }).catch(() => {});
      }
      tell();
      next();
    },
    connected() {
      for (const each of held.values()) {
        const { state, error } = each.shown;
        if (state === 'failed' && isPassing(error)) set(each, { state: 'waiting', error: null });
      }
      next();
    },
    give(key, file) {
      const each = held.get(key);
      const isSame =
        each !== undefined && file.size === each.kept.bytes && file.lastModified === each.kept.changedAt;
      if (!isSame) return false;
      each.file = file;
      set(each, { state: 'waiting' });
      next();
      return true;
    },
    clear() {
      for (const [key, each] of held) if (each.shown.state === 'done') held.delete(key);
      tell();
    },
    stop() {
      isStopped = true;
      for (const each of held.values()) {
        void each.running?.abort();
        each.release();
      }
      held.clear();
    },
  };
}

/** The server's own reason where it gave one. */
function problemOf(error: Error): Error {
  const response = (error as { originalResponse?: { getStatus(): number; getBody(): string } | null })
    .originalResponse;
  if (!response) return new RequestProblem(0, 'offline', 'The server cannot be reached.');
  try {
    const body = JSON.parse(response.getBody()) as Partial<ProblemBody>;
    if (response.getStatus() === 401) tellSignedOut();
    if (body.code)
      return new Problem(response.getStatus(), body.code, body.title ?? '', { errors: body.errors });
  } catch {
    // A proxy's page.
  }
  return new Problem(response.getStatus(), 'unexpected', 'The upload was refused.');
}
