import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Actor, type Right, rights } from '../contract/index.ts';
import type { Tx } from '../db/index.ts';
import { createTestCore, type TestCore, type TestPerson } from '../testing/index.ts';
import { type Grant, type Place, personalSpaceOf, readersOf } from './index.ts';

let test: TestCore;
let orgId: string;
let people: TestPerson[];
beforeAll(async () => {
  test = await createTestCore();
  ({ orgId, people } = await test.organisation(['owner', 'member', 'member', 'guest']));
});
afterAll(() => test.close());

const actorOf = (person: TestPerson): Actor => ({
  kind: 'person',
  orgId: person.orgId,
  personId: person.id,
  role: person.role,
  sessionId: person.sessionId,
});

/** Sets a place up, asks, and rolls everything back. */
const asked = (
  person: TestPerson,
  setUp: (place: {
    spaceId: string;
    containerId: string;
    itemId: string;
    groupId: string;
    grant: (
      depth: 'space' | 'container' | 'item',
      principal: Parameters<TestCore['core']['spaces']['grant']>[2]['principal'],
      right: Right,
      until?: Date,
    ) => Promise<string>;
    join: (role: 'guest' | 'member' | 'manager') => Promise<void>;
    joinGroup: () => Promise<void>;
  }) => Promise<void>,
): Promise<Right> => {
  const { core } = test;
  return core.db.transaction(orgId, async (tx) => {
    const space = await core.spaces.create(tx, { kind: 'team', name: 'x', members: [] });
    const group = await core.spaces.create(tx, { kind: 'group', name: 'g', members: [] });
    const place = { spaceId: space.id, containerId: core.ids.next(), itemId: core.ids.next() };
    await setUp({
      ...place,
      groupId: group.id,
      grant: (depth, principal, right, until) =>
        core.spaces.grant(
          tx,
          {
            spaceId: space.id,
            containerId: depth === 'container' ? place.containerId : null,
            itemId: depth === 'item' ? place.itemId : null,
          },
          { principal, right, ...(until ? { until } : {}) },
        ),
      join: (role) => core.spaces.setMember(tx, space.id, person.id, role),
      joinGroup: () => core.spaces.setMember(tx, group.id, person.id, 'member'),
    });
    return core.spaces.rightOf(tx, actorOf(person), place);
  });
};

describe('the one answer about rights', () => {
  it.each([
    ['guest', 'comment'],
    ['member', 'write'],
    ['manager', 'manage'],
  ] as const)('a %s of the space may %s', async (role, right) => {
    expect(await asked(people[1]!, ({ join }) => join(role))).toBe(right);
  });

  it('gives nothing to who is neither member nor granted, owners of the organisation included', async () => {
    expect(await asked(people[0]!, async () => {})).toBe('none');
  });

  it('lets the most specific grant take the place of the role, both ways', async () => {
    const me = people[1]!;
    const person = { kind: 'person', id: me.id } as const;
    expect(
      await asked(me, async (p) => {
        await p.join('member');
        await p.grant('container', person, 'read');
      }),
    ).toBe('read');
    expect(
      await asked(me, async (p) => {
        await p.join('member');
        await p.grant('container', person, 'read');
        await p.grant('item', person, 'manage');
      }),
    ).toBe('manage');
    expect(
      await asked(me, async (p) => {
        await p.joinGroup();
        await p.grant('container', { kind: 'group', id: p.groupId }, 'manage');
        await p.grant('container', person, 'none');
      }),
    ).toBe('none');
  });

  it('lets a grant to everybody widen and never narrow', async () => {
    const me = people[1]!;
    expect(
      await asked(me, async (p) => {
        await p.join('member');
        await p.grant('item', { kind: 'public' }, 'read');
      }),
    ).toBe('write');
    expect(
      await asked(me, async (p) => void (await p.grant('space', { kind: 'organisation' }, 'read'))),
    ).toBe('read');
    expect(
      await asked(people[3]!, async (p) => void (await p.grant('space', { kind: 'organisation' }, 'read'))),
    ).toBe('none');
  });

  it('forgets a grant whose time has passed', async () => {
    const me = people[1]!;
    const grantUntil = (until: Date) =>
      asked(me, async (p) => void (await p.grant('space', { kind: 'person', id: me.id }, 'write', until)));
    expect(await grantUntil(new Date(Date.now() - 1000))).toBe('none');
    expect(await grantUntil(new Date(Date.now() + 60_000))).toBe('write');
  });

  it('is nothing in another organisation, whatever is granted there', async () => {
    const other = await test.organisation();
    const { core } = test;
    const right = await core.db.transaction(other.orgId, async (tx) => {
      const space = await core.spaces.create(tx, {
        kind: 'team',
        name: 'x',
        members: [{ personId: people[0]!.id, role: 'manager' }],
      });
      return core.spaces.rightOf(tx, actorOf(people[0]!), { spaceId: space.id });
    });
    expect(right).toBe('none');
  });

  it('never gives less to a manager than to a member, for any set of grants to others and to all', async () => {
    const others = fc.constantFrom('organisation', 'public', 'stranger');
    const grants = fc.array(
      fc.record({
        depth: fc.constantFrom('space' as const, 'container' as const, 'item' as const),
        who: others,
        right: fc.constantFrom(...rights),
      }),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(grants, async (list) => {
        const ask = (role: 'member' | 'manager') =>
          asked(people[1]!, async (p) => {
            await p.join(role);
            for (const { depth, who, right } of list) {
              await p.grant(
                depth,
                who === 'stranger' ? { kind: 'person', id: people[2]!.id } : { kind: who as 'public' },
                right,
              );
            }
          });
        expect(rights.indexOf(await ask('manager'))).toBeGreaterThanOrEqual(
          rights.indexOf(await ask('member')),
        );
        expect(rights.indexOf(await ask('member'))).toBeGreaterThanOrEqual(rights.indexOf('write'));
      }),
      { numRuns: 25 },
    );
  });

  it('answers 404 to who may not read and 403 to who may read but not more', async () => {
    const { core } = test;
    await core.db.transaction(orgId, async (tx) => {
      const space = await core.spaces.create(tx, {
        kind: 'team',
        name: 'x',
        members: [{ personId: people[1]!.id, role: 'member' }],
      });
      const require = (person: TestPerson, needed: Right) =>
        core.spaces.require(tx, actorOf(person), { spaceId: space.id }, needed);
      await expect(require(people[2]!, 'read')).rejects.toMatchObject({ status: 404 });
      await expect(require(people[1]!, 'manage')).rejects.toMatchObject({ status: 403 });
      expect(await require(people[1]!, 'write')).toBe('write');
    });
  });
});

describe('what lies inside other things', () => {
  const nest = async (
    work: (p: {
      tx: Tx;
      place: Place & { around: string[]; itemId: string };
      give: (at: number | null, principal: Grant['principal'], right: Right, until?: Date) => Promise<string>;
    }) => Promise<void>,
    roles: readonly { personId: string; role: 'guest' | 'member' | 'manager' }[] = [],
  ): Promise<void> => {
    const { core } = test;
    await core.db.transaction(orgId, async (tx) => {
      const space = await core.spaces.create(tx, { kind: 'team', name: 'x', members: roles });
      const place = {
        spaceId: space.id,
        containerId: core.ids.next(),
        around: [core.ids.next(), core.ids.next(), core.ids.next()],
        itemId: core.ids.next(),
      };
      await work({
        tx,
        place,
        give: (at, principal, right, until) =>
          core.spaces.grant(
            tx,
            { ...place, itemId: at === null ? null : (place.around[at] ?? place.itemId) },
            { principal, right, ...(until ? { until } : {}) },
          ),
      });
    });
  };
  const me = () => ({ kind: 'person', id: people[1]!.id }) as const;

  it('is as open as the nearest grant says, further in and further out', () =>
    nest(
      async ({ tx, place, give }) => {
        const ask = (itemAt: number) =>
          test.core.spaces.rightOf(tx, actorOf(people[1]!), {
            ...place,
            around: place.around.slice(0, itemAt),
            itemId: place.around[itemAt] ?? place.itemId,
          });
        await give(1, me(), 'none');
        expect([await ask(0), await ask(1), await ask(2), await ask(3)]).toEqual([
          'write',
          'none',
          'none',
          'none',
        ]);
        await give(2, { kind: 'space', id: place.spaceId }, 'comment');
        expect([await ask(1), await ask(2), await ask(3)]).toEqual(['none', 'comment', 'comment']);
        // Again at one place takes the place of what was there.
        await give(1, me(), 'read');
        expect(await ask(1)).toBe('read');
        await give(3, me(), 'manage', new Date(Date.now() - 1000));
        expect(await ask(3)).toBe('comment');
      },
      [{ personId: people[1]!.id, role: 'member' }],
    ));

  it('is never closed to who manages the space', () =>
    nest(
      async ({ tx, place, give }) => {
        await give(2, me(), 'none');
        await give(2, { kind: 'space', id: place.spaceId }, 'read');
        expect(await test.core.spaces.rightOf(tx, actorOf(people[1]!), place)).toBe('manage');
      },
      [{ personId: people[1]!.id, role: 'manager' }],
    ));

  it('opens to a link below the item that it was made for, and nowhere else', () =>
    nest(async ({ tx, place, give }) => {
      const linkId = test.core.ids.next();
      await give(1, { kind: 'link', id: linkId }, 'read');
      const visitor: Actor = { kind: 'visitor', orgId, linkId };
      const ask = (around: string[], itemId: string) =>
        test.core.spaces.rightOf(tx, visitor, { ...place, around, itemId });
      expect(await ask(place.around, place.itemId)).toBe('read');
      expect(await ask([], place.around[0]!)).toBe('none');
      expect(await ask(place.around.slice(0, 1), test.core.ids.next())).toBe('none');
    }));

  it('names who may read, and why, as the rights themselves answer', () =>
    nest(
      async ({ tx, place, give }) => {
        const outside = people[2]!;
        await give(0, { kind: 'person', id: outside.id }, 'comment');
        const narrowed = await give(2, me(), 'read');
        const all = await readersOf(tx, place);
        expect(all.people.map(({ personId, right }) => [personId, right])).toEqual([
          [people[0]!.id, 'manage'],
          [outside.id, 'comment'],
          [people[1]!.id, 'read'],
        ]);
        expect(all.people[0]!.by).toEqual({ role: 'manager' });
        expect(all.people[2]!.by).toEqual({ grantId: narrowed });
        expect(all.grants.map(({ itemId }) => itemId)).toEqual([place.around[2], place.around[0]]);
        for (const { personId, right } of all.people) {
          const person = people.find(({ id }) => id === personId)!;
          expect(await test.core.spaces.rightOf(tx, actorOf(person), place)).toBe(right);
        }
        await give(2, me(), 'none');
        expect((await readersOf(tx, place)).people.map(({ personId }) => personId)).not.toContain(
          people[1]!.id,
        );
        const everybody = await give(null, { kind: 'organisation' }, 'read');
        const [again] = (await readersOf(tx, place)).people.filter(({ personId }) => personId === me().id);
        expect(again).toEqual({ personId: me().id, right: 'read', by: { grantId: everybody } });
      },
      [
        { personId: people[0]!.id, role: 'manager' },
        { personId: people[1]!.id, role: 'member' },
      ],
    ));
});

it('knows the space that is somebody’s alone, and none of another organisation’s', async () => {
  const { core } = test;
  const [me, other] = people as [TestPerson, TestPerson];
  const elsewhere = await test.organisation(['member']);
  const made = await core.db.transaction(orgId, async (tx) => {
    const of = (personId: string) => ({ personId, role: 'manager' as const });
    await core.spaces.create(tx, { kind: 'team', name: 't', members: [of(me.id)] });
    return core.spaces.create(tx, { kind: 'personal', name: '', members: [of(me.id)] });
  });
  expect(await core.db.read(orgId, (tx) => personalSpaceOf(tx, me.id))).toBe(made.id);
  expect(await core.db.read(orgId, (tx) => personalSpaceOf(tx, other.id))).toBeNull();
  expect(await core.db.read(elsewhere.orgId, (tx) => personalSpaceOf(tx, me.id))).toBeNull();
});
