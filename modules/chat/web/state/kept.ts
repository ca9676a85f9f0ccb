/** What was seen last, so that a page without the line can show it. */
export interface Kept {
  /** Asks; keeps the answer. Where the server cannot be reached, the last answer stands in. */
  or<Answer>(
    name: string,
    ask: () => Promise<Answer>,
    isPassing: (error: unknown) => boolean,
  ): Promise<Answer>;
  /** Forgets everything of this person on this device. */
  clear(): Promise<void>;
}

const database = 'liaison.chat-kept';
const store = 'answers';
/** Answers of one person; beyond them the oldest go. */
const maxAnswers = 60;

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => {
      const objects = request.result.createObjectStore(store, { keyPath: ['personId', 'name'] });
      objects.createIndex('at', ['personId', 'at']);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('the storage is held by an older page'));
  });
}

async function inStore<Result>(
  mode: IDBTransactionMode,
  work: (objects: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const db = await open();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const transaction = db.transaction(store, mode);
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    db.close();
  }
}

export function createKept(personId: string): Kept {
  const mine = (): IDBKeyRange => IDBKeyRange.bound([personId], [personId, []]);
  async function keep(name: string, answer: unknown): Promise<void> {
    await inStore('readwrite', (objects) => objects.put({ personId, name, at: Date.now(), answer }));
    const count = await inStore('readonly', (objects) => objects.count(mine()));
    if (count <= maxAnswers) return;
    const byAge = await inStore('readonly', (objects) => objects.index('at').getAllKeys(mine()));
    await inStore('readwrite', (objects) => {
      let last: IDBRequest = objects.count();
      for (const key of byAge.slice(0, count - maxAnswers)) last = objects.delete(key);
      return last;
    });
  }
  return {
    async or(name, ask, isPassing) {
      try {
        const answer = await ask();
        // Not waited for: keeping is a favour, and storage may be full or forbidden.
        void keep(name, answer).catch(() => {});
        return answer;
      } catch (error) {
        if (!isPassing(error)) throw error;
        const held = await inStore('readonly', (objects) => objects.get([personId, name])).catch(
          () => undefined,
        );
        if (held === undefined) throw error;
        return held.answer;
      }
    },
    clear: async () => {
      await inStore('readwrite', (objects) => objects.delete(mine())).catch(() => {});
    },
  };
}
