import type { Unsent, UnsentStorage } from './send-queue.ts';

const database = 'liaison.chat';
const store = 'unsent';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(store, { keyPath: ['personId', 'clientKey'] });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('the storage is held by an older page'));
  });
}

/** One person's unsent messages on this device. Each piece of work opens anew: browsers close idle databases. */
export function createUnsentStorage(personId: string): UnsentStorage {
  async function run<Result>(
    mode: IDBTransactionMode,
    work: (objects: IDBObjectStore) => IDBRequest<Result>,
  ): Promise<Result> {
    const db = await open();
    try {
      return await new Promise<Result>((resolve, reject) => {
        const transaction = db.transaction(store, mode);
        const request = work(transaction.objectStore(store));
        // Resolved with the transaction, not the request: only then it survives the page.
        transaction.oncomplete = () => resolve(request.result);
        transaction.onerror = () => reject(transaction.error);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      db.close();
    }
  }
  return {
    async all() {
      const range = IDBKeyRange.bound([personId], [personId, []]);
      const rows = await run<(Unsent & { personId: string })[]>('readonly', (objects) =>
        objects.getAll(range),
      );
      return rows.map(({ personId: _, ...unsent }) => unsent);
    },
    async put(unsent) {
      await run('readwrite', (objects) => objects.put({ ...unsent, personId }));
    },
    async remove(clientKey) {
      await run('readwrite', (objects) => objects.delete([personId, clientKey]));
    },
  };
}
