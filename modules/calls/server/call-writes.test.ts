import { createTestCore, type TestCore } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Call } from './call.ts';
import type { CallQuality } from './call-quality.ts';
import { createCallWrites } from './call-writes.ts';
import { migrations } from './index.ts';

let test: TestCore;
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
});
afterAll(() => test.close());

/** What is stored is whatever was measured. */
const quality = (mos: number) => ({ caller: { codec: 'PCMU', said: { mos } } }) as unknown as CallQuality;

it('writes how a call sounded with its end where that is known by then, and after it where it is not', async () => {
  const { orgId } = await test.organisation(['owner']);
  const { db, ids, outbox } = test.core;
  const troubles: string[] = [];
  const writes = createCallWrites({
    db,
    people: { personalSpace: async () => null },
    emit: outbox.emit,
    reach: { claim: async () => {}, release: async () => {} },
    log: { error: (_fields, message) => void troubles.push(message) },
  });
  const nobody = { personId: null, party: { name: '' } };
  const makeCall = async () => {
    const people = { caller: nobody, callee: nobody, joinedWith: null };
    const call = { id: ids.next(), orgId, startedAt: new Date(), ...people } as unknown as Call;
    await writes.first(call.id, () => writes.started(call, { dialled: '212', site: 0, claims: [] }));
    return call;
  };
  const stored = async ({ id }: Call) => {
    const [row] = await test.testDb.admin('select reason, quality from calls.call where id = $1', [id]);
    return row;
  };
  const how = { reason: 'completed', missed: false } as const;

  const early = await makeCall();
  writes.ended(early, how);
  writes.sounded(early, quality(4.1));
  await writes.written(early.id);
  expect(await stored(early)).toMatchObject({ reason: 'completed', quality: quality(4.1) });

  const late = await makeCall();
  writes.ended(late, how);
  await writes.written(late.id);
  expect(await stored(late)).toMatchObject({ reason: 'completed', quality: null });
  writes.sounded(late, quality(3.2));
  await writes.written(late.id);
  expect(await stored(late)).toMatchObject({ reason: 'completed', quality: quality(3.2) });

  // Its end was written by somebody else first: how it sounded is kept all the same.
  const swept = await makeCall();
  await test.testDb.admin("update calls.call set ended_at = now(), reason = 'lost' where id = $1", [
    swept.id,
  ]);
  writes.ended(swept, how);
  writes.sounded(swept, quality(2.5));
  await writes.written(swept.id);
  expect(await stored(swept)).toMatchObject({ reason: 'lost', quality: quality(2.5) });
  await writes.settled();
  expect(troubles).toEqual([]);
});
