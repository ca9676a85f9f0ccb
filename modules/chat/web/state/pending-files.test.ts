import { RequestProblem } from '@liaison/core/web';
import { afterEach, expect, test } from 'vitest';
import type { Attachment } from '../../contract/index.ts';
import { createPendingFiles, maxKeptBytes, type PendingFile, type PendingFiles } from './pending-files.ts';
import type { OwnRows } from './storage.ts';

const open: PendingFiles[] = [];
afterEach(() => {
  for (const files of open.splice(0)) files.stop();
});

function memory(): OwnRows<PendingFile> & { readonly rows: Map<string, PendingFile> } {
  const rows = new Map<string, PendingFile>();
  return {
    rows,
    all: async () => [...rows.values()],
    get: async (key) => rows.get(key),
    put: async (row) => void rows.set(row.key, row),
    async remove(...keys) {
      for (const key of keys) rows.delete(key);
    },
    clear: async () => rows.clear(),
  };
}

const attachmentOf = ({ key, name, bytes }: PendingFile): Attachment => ({
  id: `sent ${key}`,
  name,
  mediaType: 'text/plain',
  bytes,
  width: null,
  height: null,
  nodeId: null,
  removed: false,
});

/** A page of one person: what it uploads waits until it is let through. */
function page(storage: OwnRows<PendingFile>, pageId: string, gone: ReadonlySet<string> = new Set()) {
  const asked: { name: string; pass: () => void; fail: (code: string) => void }[] = [];
  const waiting: (() => void)[] = [];
  const files = createPendingFiles({
    storage,
    upload: (file, { signal }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        asked.push({
          name: file.name,
          pass: () => resolve(attachmentOf(file)),
          fail: (code) => reject(new RequestProblem(code === 'offline' ? 0 : 413, code, code)),
        });
      }),
    isPassing: (error) => (error as RequestProblem).code === 'offline',
    codeOf: (error) => (error as RequestProblem).code,
    pageId,
    afterPage: async (owner, work) => {
      if (owner !== pageId && !gone.has(owner)) await new Promise<void>((resolve) => waiting.push(resolve));
      return work();
    },
    firstRetryMs: 1,
  });
  open.push(files);
  return { files, asked, waiting };
}
const file = (name: string, bytes = 3): File =>
  Object.defineProperty(new File(['abc'], name, { type: 'text/plain' }), 'size', { value: bytes });
const none = async (): Promise<ReadonlySet<string>> => new Set();

test('what a page leaves is continued by the next one, and nothing is sent that was already there', async () => {
  const storage = memory();
  const first = page(storage, 'one');
  await first.files.start(none);
  first.files.add('c', 'c', [file('a.txt'), file('b.txt')]);
  first.asked[0]!.pass();
  await expect.poll(() => [...storage.rows.values()].filter((row) => row.attachment).length).toBe(1);
  // The page is reloaded: what was on its way is broken off.
  const second = page(storage, 'two', new Set(['one']));
  await second.files.start(none);
  await expect.poll(() => second.files.files.map((each) => each.name)).toEqual(['a.txt', 'b.txt']);
  expect(second.asked.map((each) => each.name)).toEqual(['b.txt']);
  second.asked[0]!.pass();
  await expect.poll(() => second.files.files.map((each) => each.state)).toEqual(['done', 'done']);
  expect([...storage.rows.values()].every((row) => row.attachment && row.owner === 'two')).toBe(true);
});

test('files of a page that lives are left to it', async () => {
  const storage = memory();
  const first = page(storage, 'one');
  first.files.add('c', 'c', [file('a.txt')]);
  const second = page(storage, 'two');
  await second.files.start(none);
  expect(second.files.files).toEqual([]);
  second.waiting[0]!();
  await expect.poll(() => second.files.files.length).toBe(1);
});

test('of what gone pages left only that is taken over which is theirs and no message has', async () => {
  const storage = memory();
  const gone = page(storage, 'gone');
  gone.files.add('c', 'c', [file('a.txt'), file('b.txt')]);
  page(storage, 'lives').files.add('c', 'c', [file('c.txt')]);
  const ofMessage = gone.files.files[1]!.key;
  gone.files.take([ofMessage]);
  await expect.poll(() => storage.rows.get(ofMessage)?.place).toBeNull();
  const next = page(storage, 'next', new Set(['gone']));
  await next.files.start(async () => new Set([ofMessage]));
  await expect.poll(() => next.asked.map((each) => each.name)).toEqual(['a.txt']);
  expect(next.files.files.map((each) => each.name)).toEqual(['a.txt']);
  expect(storage.rows.get(ofMessage)).toMatchObject({ name: 'b.txt', owner: 'gone' });
});

test('without the line they wait and are tried again; a refusal waits for its author', async () => {
  const { files, asked } = page(memory(), 'one');
  files.add('c', 'c', [file('a.txt')]);
  asked[0]!.fail('offline');
  await expect.poll(() => asked.length).toBe(2);
  asked[1]!.fail('too-large');
  await expect.poll(() => files.files[0]).toMatchObject({ state: 'refused', problem: 'too-large' });
  files.retry(files.files[0]!.key);
  expect(asked).toHaveLength(3);
});

test('a message that took a file gets it on the server, over a reload too', async () => {
  const storage = memory();
  const first = page(storage, 'one');
  first.files.add('c', 'c', [file('a.txt')]);
  const { key } = first.files.files[0]!;
  first.files.take([key]);
  await expect.poll(() => storage.rows.get(key)?.place).toBeNull();
  const second = page(storage, 'two', new Set(['one']));
  await second.files.start(async () => new Set([key]));
  expect(second.files.files).toEqual([]);
  const finished = second.files.finish(key);
  await expect.poll(() => second.asked.length).toBe(1);
  second.asked[0]!.pass();
  expect((await finished).id).toBe(`sent ${key}`);
  // Of no message any more: whoever starts next takes it away.
  const third = page(storage, 'three', new Set(['two']));
  await third.files.start(none);
  await expect.poll(() => storage.rows.size).toBe(0);
  await expect(third.files.finish(key)).rejects.toMatchObject({ code: 'file-gone' });
});

test('what does not fit is told: too many, too large, too much for the device', async () => {
  const { files } = page(memory(), 'one');
  expect(files.add('c', 'c', [file('huge', 300 * 1024 * 1024)])).toMatchObject({ tooLarge: 1 });
  const half = Math.floor(maxKeptBytes * 0.6);
  expect(files.add('c', 'c', [file('one', half), file('two', half)])).toEqual({
    tooLarge: 0,
    tooMany: 0,
    notKept: 1,
  });
  const many = Array.from({ length: 10 }, (_, at) => file(`${at}`));
  expect(files.add('c', 'c', many)).toMatchObject({ tooMany: 2 });
});

test('what has lain there for long is sent to the server again, and in the end forgotten', async () => {
  const storage = memory();
  const first = page(storage, 'one');
  first.files.add('c', 'c', [file('old.txt'), file('forgotten.txt')]);
  for (const each of first.asked) each.pass();
  await expect.poll(() => [...storage.rows.values()].filter((row) => row.attachment).length).toBe(2);
  const [old, forgotten] = [...storage.rows.values()] as [PendingFile, PendingFile];
  storage.rows.set(old.key, { ...old, uploadedAt: Date.now() - 86_400_000 });
  storage.rows.set(forgotten.key, { ...forgotten, order: Date.now() - 15 * 86_400_000 });
  const second = page(storage, 'two', new Set(['one']));
  await second.files.start(none);
  await expect.poll(() => second.asked.map((each) => each.name)).toEqual(['old.txt']);
  await expect.poll(() => [...storage.rows.keys()]).toEqual([old.key]);
});

test('a file that the server has no more is uploaded again when its message asks', async () => {
  const storage = memory();
  const { files, asked } = page(storage, 'one');
  files.add('c', 'c', [new File(['x'], 'a.txt')]);
  asked[0]!.pass();
  await expect.poll(() => files.files[0]?.state).toBe('done');
  const { key } = files.files[0]!;
  files.take([key]);
  await files.finish(key);
  expect(asked).toHaveLength(1);
  await files.lapsed(key);
  const again = files.finish(key);
  expect(asked).toHaveLength(2);
  asked[1]!.pass();
  expect((await again).id).toBe(`sent ${key}`);
});
