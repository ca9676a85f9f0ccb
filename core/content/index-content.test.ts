import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent, idSchema } from '../contract/index.ts';
import { createTestCore, type TestCore } from '../testing/test-core.ts';
import { type ContentDocument, type ContentSource, contentPage } from './content.ts';
import { type ContentIndexOptions, indexContent } from './index-content.ts';

const moved = defineEvent({
  name: 'test.organisation-moved',
  version: 1,
  stream: 'orgId',
  payload: z.object({ orgId: idSchema }),
});

let test: TestCore;
let orgId: string;
beforeAll(async () => {
  test = await createTestCore();
});
afterAll(() => test.close());

const documentOf = (id: string): ContentDocument => ({
  id,
  place: { spaceId: id },
  title: '',
  text: '',
  personIds: [],
  container: '',
  at: new Date(0),
  path: '/',
});

/** So many documents of an organisation of its own, and an index of them that says which it was given. */
async function indexed(name: string, many: number) {
  ({ orgId } = await test.organisation());
  const own = orgId;
  const all = Array.from({ length: many }, () => test.core.ids.next()).sort();
  const source: ContentSource = {
    kind: 'test.thing',
    version: 1,
    changes: [],
    list: async (tx, { after, limit }) =>
      tx.orgId === own ? all.filter((id) => after === null || id > after).slice(0, limit) : [],
    read: async (_tx, ids) => ids.map(documentOf),
  };
  const given: string[] = [];
  /** As a process does that starts: each has a job of its own, because one floor registers a name once. */
  const start = (options: Partial<ContentIndexOptions> = {}) =>
    indexContent(test.core, {
      follower: `test.${name}`,
      job: `test.${name}-${test.core.ids.next()}`,
      sources: [source],
      form: 1,
      keep: async (_tx, { ids }) => void given.push(...ids),
      ...options,
    });
  const howFar = async (): Promise<Record<string, unknown>> =>
    (
      await test.testDb.admin(
        `select form, circumstances, reached, documents::int, done_at is not null as is_done from core.content_reading
         where org_id = $1 and follower = $2`,
        [own, `test.${name}`],
      )
    )[0] ?? {};
  return { all, source, given, start, howFar };
}

it('reads all there is once, and again in another form of documents or of what is made of them', async () => {
  const { all, source, given, start, howFar } = await indexed('once', contentPage + 3);
  const index = start();
  for (let twice = 0; twice < 2; twice += 1) await index.readAnew();
  expect(given).toEqual(all);
  expect(await howFar()).toEqual({
    form: '1.1',
    circumstances: '',
    reached: null,
    documents: all.length,
    is_done: true,
  });
  await start({ form: 2 }).readAnew();
  expect(given).toEqual([...all, ...all]);
  await start({ form: 2, sources: [{ ...source, version: 2 }] }).readAnew();
  expect(given).toHaveLength(3 * all.length);
  expect(await howFar()).toMatchObject({ form: '2.2', documents: all.length, is_done: true });
});

it('goes on where another process stopped', async () => {
  const { all, given, start, howFar } = await indexed('goes-on', 2 * contentPage + 5);
  const stop = new AbortController();
  await start({
    keep: async (_tx, { ids }) => {
      given.push(...ids);
      stop.abort();
    },
  }).readAnew(stop.signal);
  expect(given).toEqual(all.slice(0, contentPage));
  expect(await howFar()).toMatchObject({ reached: given.at(-1), documents: contentPage, is_done: false });
  await start().readAnew();
  expect(given).toEqual(all);
  expect(await howFar()).toMatchObject({ documents: all.length, is_done: true });
});

it('stops where another began anew meanwhile, and what that one reads is the end', async () => {
  const { all, given, start, howFar } = await indexed('overtaken', 2 * contentPage);
  const reading = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const older: string[] = [];
  const slow = start({
    keep: async (_tx, { ids }) => {
      older.push(...ids);
      reading.resolve();
      await goOn.promise;
    },
  }).readAnew();
  await reading.promise;
  // A later program would wait for this page's documents; it has begun all the same.
  const newer = start({ form: 2 }).readAnew();
  await expect.poll(async () => (await howFar()).form).toBe('2.1');
  goOn.resolve();
  await Promise.all([slow, newer]);
  expect(older).toEqual(all.slice(0, contentPage));
  expect(given).toEqual(all);
  expect(await howFar()).toMatchObject({ form: '2.1', documents: all.length, is_done: true });
});

it('reads anew at once under other circumstances, and not under the same', async () => {
  let country = 'PT';
  const { all, given, start, howFar } = await indexed('circumstances', 3);
  const index = start({
    circumstances: { reaction: 'test.read-moved', changedBy: moved, read: async () => country },
  });
  await index.readAnew();
  const move = async () => {
    await test.core.db.transaction(orgId, async (tx) => test.core.outbox.emit(tx, moved, { orgId }));
    await test.core.outbox.drain();
    await test.core.jobs.drain();
  };
  await move();
  expect(given).toEqual(all);
  country = 'FR';
  await move();
  expect(given).toEqual([...all, ...all]);
  expect(await howFar()).toMatchObject({ circumstances: 'FR', documents: 3, is_done: true });
  await move();
  expect(given).toHaveLength(2 * all.length);
});

it('lets a kind that cannot be read hold back no other, and says that it could not', async () => {
  const { all, source, given, start } = await indexed('failing', 2);
  const broken: ContentSource = {
    ...source,
    kind: 'test.broken',
    read: () => Promise.reject(new Error('its module is ill')),
  };
  const index = start({ sources: [broken, source] });
  for (let twice = 0; twice < 2; twice += 1) await expect(index.readAnew()).rejects.toThrow('is ill');
  expect(given).toEqual(all);
});
