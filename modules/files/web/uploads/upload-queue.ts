import type { ProblemBody } from '@liaison/core/contract';
import { apiBase, isPassing, newRequestId, Problem, RequestProblem, tellSignedOut } from '@liaison/core/web';
import { beginUpload, largestInBatchBytes } from '../../contract/index.ts';
import type { Dropped, DroppedFile } from './dropped.ts';
import { type KeptUpload, keptUploads, largestKeptBytes } from './kept-uploads.ts';
import { folderMaker } from './make-folders.ts';
import { fittingBatch, sendFiles } from './send-batch.ts';

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
  /** What sends it, alone or with others. */
  running: { abort(): unknown } | null;
  /** Makes its folder, where that was refused. */
  place: (() => Promise<string>) | null;
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
  /** Makes the folders, then sends the files, small ones together. */
  add(folderId: string, dropped: Dropped): Promise<void>;
  pause(...keys: readonly string[]): void;
  resume(...keys: readonly string[]): void;
  /** Gives them up, here and at the server. */
  cancel(...keys: readonly string[]): void;
  /** What failed for want of the server goes on: it is there again, however long that took. */
  connected(): void;
  /** The file of one that is `missing`; false when it is another one. */
  give(key: string, file: File): boolean;
  /** Takes what is done out of the list. */
  clear(): void;
  /** Stops everything without giving it up. */
  stop(): void;
}

/** Requests, each with a large file or many small ones. */
const atOnce = 3;
/** So many of a drop are kept on the device together, before they are sent. */
const addedAtOnce = 200;
/** A page that is told of each of 10,000 files does nothing else. */
const tellEveryMs = 50;
/** What is smaller goes with the request that begins it, and the server keeps nothing of one that is cut. */
const inOneRequestBytes = 256 * 1024;

/** What is uploaded from this page: it goes on while pages change, and with the next page where this one went away. */
export function createUploadQueue(personId: string): UploadQueue {
  const kept = keptUploads(personId);
  const held = new Map<string, Held>();
  const listeners = new Set<() => void>();
  let shown: readonly ShownUpload[] = [];
  let isStopped = false;

  let telling: ReturnType<typeof setTimeout> | null = null;
  function tell(): void {
    telling ??= setTimeout(() => {
      telling = null;
      shown = [...held.values()].map((each) => each.shown);
      for (const listener of [...listeners]) listener();
    }, tellEveryMs);
  }
  const heldOf = (keys: readonly string[]): Held[] =>
    keys.flatMap((key) => {
      const each = held.get(key);
      return each ? [each] : [];
    });
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
        void kept.put([each.kept]);
      },
      onProgress: (sent) => set(each, { sent }),
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        return status === 0 || status === 409 || status === 423 || status >= 500;
      },
      onSuccess() {
        arrived([each]);
        next();
      },
      onError: (error) => failed(each, problemOf(error)),
    });
    each.running = upload;
    upload.start();
  }

  /** Small ones with one request. Where one of them is stopped the others wait, and are sent again. */
  async function startTogether(some: readonly Held[]): Promise<void> {
    const gone = new AbortController();
    const running = { abort: () => gone.abort() };
    for (const each of some) {
      each.running = running;
      set(each, { state: 'running', error: null });
    }
    const isOurs = (each: Held): boolean => each.running === running;
    try {
      const errors = await sendFiles(
        some.map(({ kept: { folderId, name }, file }) => ({ folderId, name, file: file! })),
        {
          signal: gone.signal,
          onProgress(sent) {
            for (const [at, each] of some.entries()) {
              if (isOurs(each) && each.shown.sent !== sent[at]) set(each, { sent: sent[at]! });
            }
          },
        },
      );
      arrived(some.filter((each, at) => isOurs(each) && errors[at] === null));
      for (const [at, each] of some.entries()) {
        const error = errors[at];
        if (isOurs(each) && error) failed(each, error);
      }
    } catch (error) {
      for (const each of some.filter(isOurs)) {
        if (!gone.signal.aborted) failed(each, error as Error);
        else {
          each.running = null;
          set(each, { state: 'waiting', sent: 0 });
        }
      }
    }
    next();
  }

  function arrived(some: readonly Held[]): void {
    void kept.remove(some.map(({ kept: { key } }) => key));
    for (const each of some) {
      each.running = null;
      each.release();
      each.file = null;
      set(each, { state: 'done', sent: each.shown.bytes });
    }
  }

  function failed(each: Held, error: Error): void {
    each.running = null;
    set(each, { state: 'failed', error });
    next();
  }

  function next(): void {
    if (isStopped) return;
    const all = [...held.values()];
    const underWay = all.filter(({ shown: { state } }) => state === 'running');
    let room = atOnce - new Set(underWay.map((each) => each.running ?? each)).size;
    if (room <= 0) return;
    let small = all.filter(isSmallAndWaits);
    for (const each of all) {
      if (room <= 0) break;
      if (each.shown.state !== 'waiting') continue;
      room -= 1;
      if (small.includes(each)) {
        const many = fittingBatch(small.map(({ shown: { bytes } }) => bytes));
        void startTogether(small.slice(0, many));
        small = small.slice(many);
      } else void start(each);
    }
  }

  function hold(upload: KeptUpload, file: Blob | null, state: UploadState, release: () => void): Held {
    const { key, name, folderId, bytes } = upload;
    const each: Held = {
      shown: { key, name, folderId, bytes, sent: 0, state, error: null },
      kept: upload,
      file,
      running: null,
      place: null,
      release,
    };
    held.set(key, each);
    tell();
    return each;
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

  /** Holds some of a drop. What lies in a folder that cannot be made is shown with why, and tries it again. */
  async function addSome(
    some: readonly DroppedFile[],
    make: (folders: readonly string[]) => Promise<string>,
    rootId: string,
  ): Promise<void> {
    const placed = await Promise.all(
      some.map(async ({ file, folders }) => {
        const key = newRequestId();
        const [place, release] = await Promise.all([
          make(folders).catch((error: unknown) => error as Error),
          take(key),
        ]);
        return { key, file, folders, place, release: release ?? (() => {}) };
      }),
    );
    if (isStopped) {
      for (const { release } of placed) release();
      return;
    }
    const added = placed.map(({ key, file, folders, place, release }): Held => {
      const upload: KeptUpload = {
        key,
        folderId: place instanceof Error ? rootId : place,
        name: file.name,
        bytes: file.size,
        changedAt: file.lastModified,
        url: null,
        file: file.size <= largestKeptBytes ? file : null,
      };
      const each = hold(upload, file, 'waiting', release);
      if (place instanceof Error) {
        each.place = () => make(folders);
        set(each, { name: [...folders, file.name].join('/'), state: 'failed', error: place });
      }
      return each;
    });
    // Kept before they are sent, so that a page that goes away at once leaves them to the next.
    void kept.put(added.filter(({ place }) => place === null).map((each) => each.kept));
    next();
  }

  /** Once more, in a folder that is made now. */
  async function replace(each: Held, place: () => Promise<string>): Promise<void> {
    set(each, { state: 'running', error: null });
    try {
      const folderId = await place();
      each.kept = { ...each.kept, folderId };
      each.place = null;
      void kept.put([each.kept]);
      if (each.shown.state === 'running') set(each, { state: 'waiting', folderId });
      next();
    } catch (error) {
      failed(each, error as Error);
    }
  }

  return {
    list: () => shown,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async add(rootId, { files, emptyFolders }) {
      const make = folderMaker(rootId);
      for (let from = 0; from < files.length && !isStopped; from += addedAtOnce) {
        await addSome(files.slice(from, from + addedAtOnce), make, rootId);
      }
      for (const folders of emptyFolders) await make(folders);
    },
    pause(...keys) {
      for (const each of heldOf(keys)) {
        const { running } = each;
        each.running = null;
        set(each, { state: 'paused' });
        void running?.abort();
      }
      next();
    },
    resume(...keys) {
      for (const each of heldOf(keys)) {
        if (each.place) void replace(each, each.place);
        else set(each, { state: 'waiting', error: null });
      }
      next();
    },
    cancel(...keys) {
      const all = heldOf(keys);
      const stopped = new Set(all.map(({ running }) => running));
      for (const each of all) {
        held.delete(each.kept.key);
        each.running = null;
        if (each.kept.url === null || each.shown.state === 'done') continue;
        void fetch(each.kept.url, {
          method: 'DELETE',
          credentials: 'same-origin',
          headers: { 'tus-resumable': '1.0.0' },
        }).catch(() => {});
      }
      for (const running of stopped) void running?.abort();
      void kept.remove(keys).then(() => {
        for (const { release } of all) release();
      });
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
      if (telling !== null) clearTimeout(telling);
    },
  };
}

/** What goes with others: it has no place of its own at the server. */
const isSmallAndWaits = ({ shown: { state, bytes }, kept, file }: Held): boolean =>
  state === 'waiting' && bytes <= largestInBatchBytes && kept.url === null && file !== null;

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
