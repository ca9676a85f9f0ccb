/** What chat keeps on this device: messages that are not sent, files that go with them, answers for a page without the line. */
export type StoreName = 'unsent' | 'files' | 'answers';

const database = 'liaison.chat';
const version = 2;
/** The second part of each store's key; the first is always the person. */
const keyOf = { unsent: 'clientKey', files: 'key', answers: 'name' } as const;

/** One person's rows of one store. */
export interface OwnRows<Row> {
  all(): Promise<readonly Row[]>;
  get(key: string): Promise<Row | undefined>;
  put(row: Row): Promise<void>;
  remove(...keys: string[]): Promise<void>;
  clear(): Promise<void>;
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, version);
    request.onupgradeneeded = () => {
      const { result } = request;
      for (const [store, key] of Object.entries(keyOf)) {
        if (!result.objectStoreNames.contains(store)) {
          result.createObjectStore(store, { keyPath: ['personId', key] });
        }
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('the storage is held by an older page'));
  });
}

/** Each piece of work opens anew: browsers close idle databases. */
async function inStore<Result>(
  store: StoreName,
  mode: IDBTransactionMode,
  work: (objects: IDBObjectStore) => IDBRequest<Result> | undefined,
): Promise<Result | undefined> {
  const db = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(store, mode);
      const request = work(transaction.objectStore(store));
      // Resolved with the transaction, not the request: only then it survives the page.
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    db.close();
  }
}

/** Every call rejects where storage is full or forbidden. */
export function ownRows<Row extends object>(store: StoreName, personId: string): OwnRows<Row> {
  const mine = (): IDBKeyRange => IDBKeyRange.bound([personId], [personId, []]);
  const bare = ({ personId: _, ...row }: Row & { personId: string }): Row => row as unknown as Row;
  return {
    async all() {
      const rows = await inStore<(Row & { personId: string })[]>(store, 'readonly', (objects) =>
        objects.getAll(mine()),
      );
      return (rows ?? []).map(bare);
    },
    async get(key) {
      const row = await inStore<(Row & { personId: string }) | undefined>(store, 'readonly', (objects) =>
        objects.get([personId, key]),
      );
      return row && bare(row);
    },
    async put(row) {
      await inStore(store, 'readwrite', (objects) => objects.put({ ...row, personId }));
    },
    async remove(...keys) {
      await inStore(store, 'readwrite', (objects) => {
        for (const key of keys) objects.delete([personId, key]);
        return undefined;
      });
    },
    async clear() {
      await inStore(store, 'readwrite', (objects) => objects.delete(mine()));
    },
  };
}
