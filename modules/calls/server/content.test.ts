import { createTestCore, keepContent, type TestCore, type TestPerson } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeCallAnswered, writeCallEnded, writeCallStarted } from './actions/write-call.ts';
import { writeCallParted } from './actions/write-transfer.ts';
import type { CallPart } from './call.ts';
import { content } from './content.ts';
import { migrations } from './index.ts';

let test: TestCore;
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
});
afterAll(() => test.close());

it('is each call for its two people alone, once it is over', async () => {
  const kept = keepContent(test, content);
  const { orgId, people } = await test.organisation(['owner', 'member', 'member']);
  const [ines, bob, carol] = people as [TestPerson, TestPerson, TestPerson];
  const spaces = await test.core.db.transaction(orgId, async (tx) => {
    const made = new Map<string, string>();
    for (const { id: personId } of people) {
      const members = [{ personId, role: 'manager' as const }];
      const space = await test.core.spaces.create(tx, { kind: 'personal', name: '', members });
      made.set(personId, space.id);
    }
    return made;
  });
  const needs = {
    people: { personalSpace: async (_tx: unknown, id: string) => spaces.get(id) ?? null },
    emit: test.core.outbox.emit,
  };
  const write = <T>(run: (tx: Parameters<typeof writeCallStarted>[0]) => Promise<T>) =>
    test.core.db.transaction(orgId, run);
  const found = async (person: TestPerson) => (await kept.readableBy(person)).map(({ title }) => title);
  const begin = async (from: TestPerson, to: TestPerson, dialled: string) => {
    const call = {
      id: test.core.ids.next(),
      orgId,
      callerPersonId: from.id,
      calleePersonId: to.id,
      dialled,
      startedAt: new Date(),
      site: 0,
    };
    await write((tx) => writeCallStarted(tx, needs, call));
    return call;
  };

  const call = await begin(ines, bob, '212');
  await write((tx) => writeCallAnswered(tx, needs, call, new Date()));
  expect(await found(ines)).toEqual([]);
  await write((tx) => writeCallEnded(tx, needs, call, { reason: 'completed', missed: false }));
  expect(await kept.readableBy(ines)).toMatchObject([
    {
      id: `${call.id}:${ines.id}`,
      kind: 'calls.call',
      place: { spaceId: spaces.get(ines.id) },
      title: '212',
      personIds: [bob.id],
      path: '/phone?view=recent',
    },
  ]);
  // What he was dialled by is hers.
  expect(await kept.readableBy(bob)).toMatchObject([{ title: '', personIds: [ines.id] }]);
  expect(await found(carol)).toEqual([]);

  // Handed over: what was closes as a call of its own, and the rest is nothing of whom it left.
  const handed = await begin(ines, bob, '212');
  const partId = test.core.ids.next();
  const side = (person: TestPerson) => ({ personId: person.id, party: { extension: '213', address: null } });
  const part = {
    reason: 'transferred',
    missed: false,
    caller: side(ines),
    callee: side(bob),
    transferredTo: side(carol),
    next: {
      caller: side(ines),
      callee: side(carol),
      since: new Date(),
      answered: true,
      transferredBy: side(bob),
    },
  } as unknown as CallPart;
  await write((tx) => writeCallParted(tx, needs, { id: handed.id, partId, at: new Date() }, part));
  expect(await found(bob)).toHaveLength(2);
  expect(await found(carol)).toEqual([]);
  const joined = { id: handed.id, orgId, callerPersonId: ines.id, calleePersonId: carol.id };
  await write((tx) => writeCallEnded(tx, needs, joined, { reason: 'completed', missed: false }));
  expect(await found(ines)).toEqual(['212', '212', '213']);
  expect(await found(bob)).toHaveLength(2);
  expect(await kept.readableBy(carol)).toMatchObject([{ personIds: [ines.id] }]);

  // Who calls herself has one line of it.
  const self = await begin(carol, carol, '213');
  await write((tx) => writeCallEnded(tx, needs, self, { reason: 'completed', missed: false }));
  expect(await found(carol)).toEqual(['', '213']);
});
