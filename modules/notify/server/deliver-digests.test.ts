import type { NewsDigest } from '@liaison/core/news';
import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readNews, setKindPreference } from '../contract/index.ts';
import { createDigestDelivery } from './deliver-digests.ts';
import { makeDigestsOf } from './digest.ts';
import { createNotify, migrations } from './index.ts';
import { gatherKinds } from './kinds.ts';
import { createStage, noteTorn, peopleOfTest, reachOfTest, source, tell } from './testing/notes.ts';

let test: TestCore;
let carry: ReturnType<typeof createDigestDelivery>;
const people = peopleOfTest({ language: 'fr', timeZone: 'Europe/Paris' });
const carried: NewsDigest[] = [];
/** How often the other one still fails. */
let fails = 0;
const byPigeon: string[] = [];
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  createNotify({ core: test.core, people, reach: reachOfTest(), sources: [source] });
  carry = createDigestDelivery(test.core, {
    people,
    kinds: gatherKinds([source]),
    deliverers: [
      { name: 'mail.digest', deliver: async (digest) => void carried.push(digest) },
      {
        name: 'pigeon.digest',
        async deliver({ newsId }) {
          fails -= 1;
          if (fails >= 0) throw new Error('it rains');
          byPigeon.push(newsId);
        },
      },
    ],
  });
  await test.listen();
});
afterAll(() => test.close());

const chooseDigest = (who: TestPerson) =>
  test.client(who).call(setKindPreference, { params: { kind: 'notes.for-me' }, body: { when: 'digest' } });
const make = (orgId: string) =>
  makeDigestsOf(test.core, people, carry, orgId, new Date(Date.now() + 86_400_000));

it('hands over what gathered, in its reader’s words, once, to each who carries', async () => {
  const { orgId, alice, bob, leave, board } = await createStage(test);
  await chooseDigest(bob);
  await leave(alice, [bob], 'one');
  await leave(alice, [bob], 'two');
  carried.length = 0;
  byPigeon.length = 0;
  for (let times = 0; times < 2; times++) await make(orgId);
  await test.core.jobs.drain();
  expect(carried).toMatchObject([
    {
      orgId,
      personId: bob.id,
      language: 'fr',
      timeZone: 'Europe/Paris',
      hasMore: false,
      lines: [
        { title: 'Board', body: 'two', path: `/notes/${board}`, personId: alice.id },
        { title: 'Board', body: 'one' },
      ],
    },
  ]);
  expect(carried[0]?.path).toBe(`/news/${carried[0]?.newsId}`);
  expect(byPigeon).toEqual([carried[0]?.newsId]);
});

it('hands over neither what was read or taken away meanwhile, nor what she may not read any more', async () => {
  const { orgId, spaceId, alice, bob, carol, leave } = await createStage(test);
  for (const who of [bob, carol]) await chooseDigest(who);
  const torn = await leave(alice, [bob], 'torn up');
  await leave(alice, [bob, carol], 'stays');
  carried.length = 0;
  await make(orgId);
  await tell(test, orgId, noteTorn, { spaceId, noteId: torn.id });
  await test
    .client(carol)
    .call(readNews, { body: { allUntil: new Date(Date.now() + 86_500_000).toISOString() } });
  await test.core.jobs.drain();
  expect(carried.map(({ personId, lines }) => [personId, lines.map(({ body }) => body)])).toEqual([
    [bob.id, ['stays']],
  ]);

  await leave(alice, [bob], 'behind a door');
  carried.length = 0;
  await makeDigestsOf(test.core, people, carry, orgId, new Date(Date.now() + 2 * 86_400_000));
  await test.core.db.transaction(orgId, (tx) => test.core.spaces.removeMember(tx, spaceId, bob.id));
  await test.core.jobs.drain();
  expect(carried).toEqual([]);
});

it('is held up by nobody who fails, and tries that one again', async () => {
  const { orgId, alice, bob, leave } = await createStage(test);
  await chooseDigest(bob);
  await leave(alice, [bob]);
  carried.length = 0;
  byPigeon.length = 0;
  fails = 1;
  await make(orgId);
  await test.core.jobs.drain();
  expect([carried.length, byPigeon.length]).toEqual([1, 0]);
  // After a pause, which is not waited for here.
  await test.testDb.admin('update graphile_worker._private_jobs set run_at = now()');
  await test.core.jobs.drain();
  expect([carried.length, byPigeon.length]).toEqual([1, 1]);
});
