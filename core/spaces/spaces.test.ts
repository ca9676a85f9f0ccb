import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Actor, type Right, rights } from '../contract/index.ts';
import { createTestCore, type TestCore, type TestPerson } from '../testing/index.ts';

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
