import { RequestProblem } from '@liaison/core/web';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { Message } from '../../contract/index.ts';
import { messageOf } from '../testing/messages.ts';
import { createSendQueue, type SendQueue, type Unsent, type UnsentStorage } from './send-queue.ts';

const open: SendQueue[] = [];
afterEach(() => {
  for (const queue of open.splice(0)) queue.stop();
});

function memory(): UnsentStorage & { readonly rows: Map<string, Unsent> } {
  const rows = new Map<string, Unsent>();
  return {
    rows,
    all: async () => [...rows.values()],
    put: async (unsent) => void rows.set(unsent.clientKey, unsent),
    remove: async (clientKey) => void rows.delete(clientKey),
  };
}

const unsent = (place: number, more: Partial<Unsent> = {}): Unsent => ({
  clientKey: `key ${place}`,
  conversationId: 'c',
  threadId: null,
  body: `words ${place}`,
  attachments: [],
  files: [],
  writtenAt: '2026-05-14T09:00:00.000Z',
  place,
  state: 'waiting',
  problem: null,
  ...more,
});

/** A server that takes each key once, whatever becomes of its answers. */
function createServer(outcomes: readonly ('ok' | 'lost' | 'unreached' | 'refused')[]) {
  const taken: string[] = [];
  let at = 0;
  return {
    taken,
    async send(each: Unsent): Promise<Message> {
      const outcome = outcomes[at] ?? 'ok';
      at += 1;
      if (outcome === 'unreached') throw new RequestProblem(0, 'offline', 'unreached');
      if (outcome === 'refused') throw new RequestProblem(409, 'archived', 'closed');
      if (!taken.includes(each.clientKey)) taken.push(each.clientKey);
      if (outcome === 'lost') throw new RequestProblem(0, 'timeout', 'lost');
      return messageOf(taken.indexOf(each.clientKey) + 1, { clientKey: each.clientKey });
    },
  };
}

function queueOf(
  storage: UnsentStorage,
  send: (each: Unsent) => Promise<Message>,
  onSent: (m: Message) => void = () => {},
) {
  const queue = createSendQueue({
    storage,
    send,
    onSent,
    isPassing: (error) => error instanceof RequestProblem && error.status === 0,
    codeOf: (error) => (error instanceof RequestProblem ? error.code : 'unexpected'),
    firstRetryMs: 1,
    longestRetryMs: 2,
  });
  open.push(queue);
  return queue;
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test('whatever gets lost, each message is taken once and in order, and nothing stays behind', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.constantFrom('ok' as const, 'lost' as const, 'unreached' as const), { maxLength: 20 }),
      async (count, outcomes) => {
        const storage = memory();
        const server = createServer(outcomes);
        const queue = queueOf(storage, server.send);
        await queue.start();
        for (let place = 1; place <= count; place += 1) queue.add(unsent(place));
        await until(() => queue.state.unsent.length === 0 && storage.rows.size === 0);
        expect(server.taken).toEqual(Array.from({ length: count }, (_, at) => `key ${at + 1}`));
        queue.stop();
      },
    ),
    { numRuns: 100 },
  );
});

test('a page that died leaves its messages to the next one, which sends them once and in order', async () => {
  const storage = memory();
  // For longer than the page lives: a try comes every millisecond or two.
  const away = Array.from({ length: 10_000 }, () => 'unreached' as const);
  const first = queueOf(storage, createServer(['lost', ...away]).send);
  await first.start();
  first.add(unsent(1));
  first.add(unsent(2));
  await until(() => first.state.stalled && storage.rows.size === 2);
  first.stop();
  const server = createServer([]);
  const second = queueOf(storage, server.send);
  await second.start();
  await until(() => second.state.unsent.length === 0 && storage.rows.size === 0);
  expect(server.taken).toEqual(['key 1', 'key 2']);
});

test('a refused message is set aside with its reason, holds up nothing, and can be tried again or taken back', async () => {
  const storage = memory();
  const server = createServer(['refused', 'ok', 'ok']);
  const queue = queueOf(storage, server.send);
  await queue.start();
  void queue.add(unsent(1));
  void queue.add(unsent(2));
  await until(() => server.taken.length === 1 && queue.state.unsent.length === 1);
  expect(queue.state.unsent[0]).toMatchObject({ clientKey: 'key 1', state: 'refused', problem: 'archived' });
  expect(storage.rows.get('key 1')?.state).toBe('refused');
  queue.retry('key 1');
  await until(() => queue.state.unsent.length === 0);
  expect(server.taken).toEqual(['key 2', 'key 1']);
  void queue.add(unsent(3, { state: 'refused' }));
  queue.remove('key 3');
  await until(() => storage.rows.size === 0);
});

test('a message seen in the conversation is sent, although its answer never came', async () => {
  const storage = memory();
  const queue = queueOf(storage, () => new Promise(() => {}));
  await queue.start();
  void queue.add(unsent(1));
  await until(() => queue.state.sending === 'key 1');
  queue.confirmed('key 1');
  await until(() => queue.state.unsent.length === 0 && storage.rows.size === 0);
});

test('a message seen in the conversation stays sent, whatever its late answer says', async () => {
  const storage = memory();
  let refuse: (error: Error) => void = () => {};
  const sent: string[] = [];
  const queue = queueOf(storage, (each) => {
    sent.push(each.clientKey);
    return new Promise((_, reject) => {
      refuse = reject;
    });
  });
  await queue.start();
  void queue.add(unsent(1));
  await until(() => sent.length === 1);
  await queue.add(unsent(2));
  queue.confirmed('key 1');
  refuse(new RequestProblem(409, 'archived', 'closed'));
  await until(() => sent.length === 2);
  expect([...storage.rows.keys()]).toEqual(['key 2']);
});

test('what another page sent is no longer shown here; what is not stored yet is not lost to it', async () => {
  const storage = memory();
  let stored: () => void = () => {};
  const slow: UnsentStorage = {
    ...storage,
    put: async (each) => {
      await new Promise<void>((resolve) => {
        stored = resolve;
      });
      await storage.put(each);
    },
  };
  await storage.put(unsent(1, { state: 'refused' }));
  const server = createServer([]);
  const queue = queueOf(slow, server.send);
  await queue.start();
  void queue.add(unsent(2));
  await storage.remove('key 1');
  await queue.reload();
  expect(queue.state.unsent.map((each) => each.clientKey)).toEqual(['key 2']);
  stored();
  await until(() => server.taken.length === 1 && queue.state.unsent.length === 0);
});

test('what is read while this page writes takes nothing away, and brings nothing back', async () => {
  const storage = memory();
  let answer: () => void = () => {};
  let gated = false;
  const slow: UnsentStorage = {
    ...storage,
    all: async () => {
      const rows = await storage.all();
      if (gated) {
        gated = false;
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
      }
      return rows;
    },
    remove: () => new Promise(() => {}),
  };
  await storage.put(unsent(1, { state: 'refused' }));
  const queue = queueOf(slow, createServer([]).send);
  await queue.start();
  const keys = () => queue.state.unsent.map((each) => each.clientKey);
  gated = true;
  const reading = queue.reload();
  await until(() => !gated);
  await queue.add(unsent(2, { state: 'refused' }));
  answer();
  await reading;
  expect(keys()).toEqual(['key 1', 'key 2']);
  queue.remove('key 1');
  await queue.reload();
  expect(keys()).toEqual(['key 2']);
});

test('a message whose files are on their way holds up its conversation alone', async () => {
  const server = createServer([]);
  const storage = memory();
  const attachment = {
    id: 'file',
    name: 'a.png',
    mediaType: 'image/png',
    bytes: 1,
    width: null,
    height: null,
    nodeId: null,
    removed: false,
  };
  let finish = (): void => {};
  const uploaded = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const sent: Unsent[] = [];
  const released: string[] = [];
  const queue = createSendQueue({
    storage,
    send: (each) => {
      sent.push(each);
      return server.send(each);
    },
    prepare: () => uploaded.then(() => [attachment]),
    onReleased: (files) => released.push(...files.map((file) => file.key)),
    onSent: () => {},
    isPassing: () => false,
    codeOf: () => 'unexpected',
  });
  open.push(queue);
  await queue.start();
  await queue.add(unsent(1, { files: [{ key: 'f', name: 'a.png', mediaType: 'image/png', bytes: 1 }] }));
  await queue.add(unsent(2));
  await queue.add(unsent(3, { conversationId: 'another' }));
  await expect.poll(() => server.taken).toEqual(['key 3']);
  finish();
  await expect.poll(() => server.taken).toEqual(['key 3', 'key 1', 'key 2']);
  expect(sent.find((each) => each.clientKey === 'key 1')?.attachments).toEqual([attachment]);
  expect(released).toEqual(['f']);
  await expect.poll(() => storage.rows.size).toBe(0);
});

test('a file that is lost refuses its message alone, and the message can go without it', async () => {
  const server = createServer([]);
  const storage = memory();
  const queue = createSendQueue({
    storage,
    send: server.send,
    prepare: async (each) => {
      if (each.files.length > 0) throw Object.assign(new Error('lost'), { code: 'file-gone' });
      return [];
    },
    onSent: () => {},
    isPassing: () => false,
    codeOf: (error) => (error as { code: string }).code,
  });
  open.push(queue);
  await queue.start();
  await queue.add(unsent(1, { files: [{ key: 'f', name: 'a.png', mediaType: 'image/png', bytes: 1 }] }));
  await queue.add(unsent(2));
  await expect.poll(() => server.taken).toEqual(['key 2']);
  expect(queue.state.unsent).toMatchObject([{ clientKey: 'key 1', state: 'refused', problem: 'file-gone' }]);
  queue.removeFile('key 1', 'f');
  queue.retry('key 1');
  await expect.poll(() => server.taken).toEqual(['key 2', 'key 1']);
});

const chosen = { key: 'f', name: 'a.png', mediaType: 'image/png', bytes: 1 };
const uploadNumber = (n: number) => ({
  id: `upload ${n}`,
  name: 'a.png',
  mediaType: 'image/png',
  bytes: 1,
  width: null,
  height: null,
  nodeId: null,
  removed: false,
});

test('a message that waited keeps its files until it is sent, and sends what they are on the server then', async () => {
  const storage = memory();
  let uploads = 1;
  let reached = false;
  const tried: string[][] = [];
  const released: string[] = [];
  const options = {
    storage,
    send: async (each: Unsent) => {
      tried.push(each.attachments.map(({ id }) => id));
      if (!reached) throw new RequestProblem(0, 'offline', 'unreached');
      return messageOf(1, { clientKey: each.clientKey });
    },
    prepare: async () => [uploadNumber(uploads)],
    onReleased: (files: readonly { key: string }[]) => released.push(...files.map(({ key }) => key)),
    onSent: () => {},
    isPassing: (error: unknown) => (error as RequestProblem).status === 0,
    codeOf: (error: unknown) => (error as RequestProblem).code,
    firstRetryMs: 1,
    longestRetryMs: 2,
  };
  const first = createSendQueue(options);
  open.push(first);
  await first.start();
  await first.add(unsent(1, { files: [chosen] }));
  await expect.poll(() => tried.length).toBeGreaterThan(1);
  first.stop();
  expect(storage.rows.get('key 1')?.files).toEqual([chosen]);
  expect(released).toEqual([]);
  // A day later another page finds it; the server has forgotten the first upload, so it was made anew.
  uploads = 2;
  reached = true;
  const second = createSendQueue(options);
  open.push(second);
  await second.start();
  await expect.poll(() => released).toEqual(['f']);
  expect(tried[0]).toEqual(['upload 1']);
  expect(tried.at(-1)).toEqual(['upload 2']);
  expect(storage.rows.size).toBe(0);
});

test('files that the server has no more are brought anew once; then the refusal is said', async () => {
  for (const [lapses, outcome] of [
    [1, 'sent'],
    [2, 'refused'],
    // A retry of its author may bring them anew once more.
    [3, 'refused'],
  ] as const) {
    const storage = memory();
    let uploads = 1;
    let left: number = lapses;
    const sent: string[] = [];
    const queue = createSendQueue({
      storage,
      send: async (each) => {
        if (left-- > 0) throw new RequestProblem(404, 'file-lapsed', 'gone');
        sent.push(...each.attachments.map(({ id }) => id));
        return messageOf(1, { clientKey: each.clientKey });
      },
      prepare: async () => [uploadNumber(uploads)],
      onLapsed: async () => {
        uploads += 1;
      },
      onSent: () => {},
      isPassing: () => false,
      codeOf: (error) => (error as RequestProblem).code,
    });
    open.push(queue);
    await queue.start();
    await queue.add(unsent(1, { files: [chosen] }));
    if (outcome === 'sent') await expect.poll(() => sent).toEqual(['upload 2']);
    else {
      await expect.poll(() => queue.state.unsent[0]?.problem).toBe('file-lapsed');
      expect(storage.rows.get('key 1')?.files).toEqual([chosen]);
      queue.retry('key 1');
      await expect.poll(() => sent).toEqual([`upload ${lapses}`]);
    }
  }
});
