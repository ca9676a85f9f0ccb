/** An upload as it is kept on this device, so that a page that comes later goes on with it. */
export interface KeptUpload {
  readonly key: string;
  readonly folderId: string;
  readonly name: string;
  readonly bytes: number;
  readonly changedAt: number;
  /** Where the server has it; null before its first answer. */
  readonly url: string | null;
  /** Absent where it is too large to be kept: its person chooses it again. */
  readonly file: Blob | null;
}

const database = 'liaison.files';
const store = 'uploads';

/** Larger files are not copied into the browser's storage. */
export const largestKeptBytes = 100 * 1000 ** 2;

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () =>
      void request.result.createObjectStore(store, { keyPath: ['personId', 'key'] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('the storage is held by an older page'));
  });
}

async function inStore<Result = void>(
  mode: IDBTransactionMode,
  work: (objects: IDBObjectStore) => IDBRequest<Result> | undefined,
): Promise<Result> {
  const db = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(store, mode);
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request?.result as Result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    db.close();
  }
}

/** One person's uploads on this device. Where storage is full or forbidden nothing is kept, and uploading goes on. */
export const keptUploads = (personId: string) => ({
  all: (): Promise<readonly KeptUpload[]> =>
    inStore<KeptUpload[]>('readonly', (objects) =>
      objects.getAll(IDBKeyRange.bound([personId], [personId, []])),
    ).catch(() => []),
  put: (uploads: readonly KeptUpload[]): Promise<unknown> =>
    inStore('readwrite', (objects) => {
      for (const upload of uploads) objects.put({ ...upload, personId });
      return undefined;
    }).catch(() => {}),
  remove: (keys: readonly string[]): Promise<unknown> =>
    inStore('readwrite', (objects) => {
      for (const key of keys) objects.delete([personId, key]);
      return undefined;
    }).catch(() => {}),
});
