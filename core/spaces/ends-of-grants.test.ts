import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestCore, type TestCore, type TestPerson } from '../testing/index.ts';
import { createEndsOfGrants } from './ends-of-grants.ts';

let test: TestCore;
let orgId: string;
let people: TestPerson[];
beforeAll(async () => {
  test = await createTestCore();
  ({ orgId, people } = await test.organisation());
});
afterAll(() => test.close());

const ends = () => createEndsOfGrants(test.core);
const told = async (grantId: string): Promise<number> => {
  const rows = await test.testDb.admin(
    `select from core.outbox where name = 'core.grant-changed' and payload ->> 'grantId' = $1`,
    [grantId],
  );
  return rows.length;
};

async function grant(until: Date | null, ofOrg = orgId): Promise<{ id: string; spaceId: string }> {
  const { core } = test;
  return core.db.transaction(ofOrg, async (tx) => {
    const { id: spaceId } = await core.spaces.create(tx, { kind: 'team', name: 'x', members: [] });
    return {
      spaceId,
      id: await core.spaces.grant(
        tx,
        { spaceId },
        { principal: { kind: 'person', id: people[1]!.id }, right: 'read', until },
      ),
    };
  });
}
const ended = () => new Date(Date.now() - 1000);

it('tells of an end once, in the order of its space, however many look at the same time', async () => {
  const { id } = await grant(ended());
  await Promise.all([ends().tell(), ends().tell(), ends().tell()]);
  await ends().tell();
  // That it was given, and that it ended.
  expect(await told(id)).toBe(2);
});

it('tells of no end that is to come, or that there is not', async () => {
  const [ahead, open] = [await grant(new Date(Date.now() + 60_000)), await grant(null)];
  await ends().tell();
  expect([await told(ahead.id), await told(open.id)]).toEqual([1, 1]);
});

it('tells of the end again when it was given anew, and of other organisations', async () => {
  const other = await test.organisation();
  const [mine, theirs] = [await grant(ended()), await grant(ended(), other.orgId)];
  await ends().tell();
  expect([await told(mine.id), await told(theirs.id)]).toEqual([2, 2]);
  await test.core.db.transaction(orgId, (tx) =>
    test.core.spaces.grant(
      tx,
      { spaceId: mine.spaceId },
      { principal: { kind: 'person', id: people[1]!.id }, right: 'write', until: ended() },
    ),
  );
  await ends().tell();
  expect(await told(mine.id)).toBe(4);
});

it('tells by itself within 5 s while it runs, and no more after', async () => {
  const service = ends();
  await service.start();
  const { id } = await grant(new Date(Date.now() + 300));
  try {
    await expect.poll(() => told(id), { timeout: 5000 }).toBe(2);
  } finally {
    await service.stop();
  }
  expect(test.logged).toEqual([]);
});
