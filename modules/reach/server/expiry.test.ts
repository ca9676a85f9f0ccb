import { randomUUID } from 'node:crypto';
import { createTestCore, type TestCore } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createReach, migrations, type ReachModule } from './index.ts';

let test: TestCore;
let reach: ReachModule;
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  reach = createReach({ core: test.core });
  await test.core.owned.start();
  await reach.expiry.start();
  await test.listen();
});
afterAll(async () => {
  await reach.expiry.stop();
  await test.close();
});

/** What stands in the table, whether or not it still counts. */
async function kept(personId: string): Promise<string[]> {
  const rows = await test.testDb.admin('select kind from reach.claim where person_id = $1 order by kind', [
    personId,
  ]);
  return rows.map((row) => String(row.kind));
}

it('clears away what has ended and what dead processes claimed, and nothing else', async () => {
  const { orgId, people } = await test.organisation();
  const personId = people[0]!.id;
  const put = (kind: string, processId: string | null, ends: string | null) =>
    test.testDb.admin(
      'insert into reach.claim (org_id, person_id, kind, ref, process_id, until) values ($1, $2, $3, $3, $4, $5)',
      [orgId, personId, kind, processId, ends],
    );
  await reach.claim({ orgId, personId, kind: 'call', ref: 'lives' });
  await put('telephone', null, new Date(Date.now() + 3_600_000).toISOString());
  await put('away', null, null);
  await put('dnd', null, new Date(Date.now() - 1000).toISOString());
  await put('meeting', randomUUID(), null);
  await expect.poll(() => kept(personId), { timeout: 15_000 }).toEqual(['away', 'call', 'telephone']);
});
