import type { Tx } from '@liaison/core/db';
import { createTestCore, type TestClient, type TestCore, type TestPerson } from '@liaison/core/testing';
import type { PersonSummary } from '@liaison/people';
import type { Claim } from '@liaison/reach';
import { type CalendarView, listCalendars } from '../../contract/index.ts';
import { createCalendar, migrations } from '../index.ts';

/** Calendars on the floor, with a team of two and somebody beside it; claims of reachability are kept in a map. */
export interface CalendarStage {
  readonly test: TestCore;
  readonly url: string;
  readonly orgId: string;
  readonly people: readonly TestPerson[];
  /** Owns the organisation, manages the team. */
  readonly alice: TestClient;
  /** Member of the team. */
  readonly bob: TestClient;
  /** Of the organisation, not of the team. */
  readonly carol: TestClient;
  /** A guest of the team. */
  readonly guest: TestClient;
  /** `person kind ref` of what is claimed. */
  readonly claims: Map<string, Date | null | undefined>;
  /** Ids of those who are suspended. */
  readonly suspended: Set<string>;
  /** What happens while somebody is looked up, in the transaction that asks. */
  readonly atFind: { run: ((tx: Tx) => Promise<unknown>) | undefined };
  /** First calendars. */
  mine(who: TestClient): Promise<CalendarView>;
  team(who: TestClient): Promise<CalendarView>;
  close(): Promise<void>;
}

const zones = ['Europe/Lisbon', 'America/Sao_Paulo', 'Asia/Manila', 'Europe/Lisbon'];

/** Whoever opens it closes it. */
export async function openCalendarStage(): Promise<CalendarStage> {
  const test = await createTestCore({ sources: [migrations] });
  const claims: CalendarStage['claims'] = new Map();
  const keyOf = ({ personId, kind, ref }: Pick<Claim, 'personId' | 'kind' | 'ref'>) =>
    `${personId} ${kind} ${ref}`;
  const known = new Map<string, string>();
  const suspended: CalendarStage['suspended'] = new Set();
  const atFind: CalendarStage['atFind'] = { run: undefined };
  createCalendar({
    core: test.core,
    // Names and zones come from the people module in the suite; these tests need the zone alone.
    people: {
      find: async (tx, id) => {
        await atFind.run?.(tx);
        return known.has(id)
          ? ({
              id,
              timeZone: known.get(id),
              language: 'en',
              status: suspended.has(id) ? 'suspended' : 'active',
            } as PersonSummary)
          : null;
      },
      findMany: async (_tx, ids) =>
        new Map(
          ids.map((id) => [
            id,
            {
              id,
              timeZone: known.get(id) ?? 'UTC',
              name: 'Somebody',
              address: `${id}@estuaria.example`,
            } as PersonSummary,
          ]),
        ),
    },
    reach: {
      claim: async (claim) => void claims.set(keyOf(claim), claim.until),
      release: async (claim) => void claims.delete(keyOf(claim)),
    },
  });
  await test.core.live.start();
  const url = await test.listen();
  const { orgId, people } = await test.organisation(['owner', 'member', 'member', 'guest']);
  const [a, b, c, g] = people as [TestPerson, TestPerson, TestPerson, TestPerson];
  for (const [at, { id }] of people.entries()) known.set(id, zones[at] ?? 'UTC');
  await test.core.db.transaction(orgId, async (tx) => {
    for (const { id } of people) {
      await test.core.spaces.create(tx, {
        kind: 'personal',
        name: '',
        members: [{ personId: id, role: 'manager' }],
      });
    }
    await test.core.spaces.create(tx, {
      kind: 'team',
      name: 'Port study',
      members: [
        { personId: a.id, role: 'manager' },
        { personId: b.id, role: 'member' },
        { personId: g.id, role: 'guest' },
      ],
    });
  });
  const calendarOf = async (who: TestClient, kind: CalendarView['kind']): Promise<CalendarView> => {
    const { body } = await who.call(listCalendars);
    return body.rows.find((each) => each.kind === kind && each.isFirst) as CalendarView;
  };
  return {
    test,
    url,
    orgId,
    people,
    alice: test.client(a),
    bob: test.client(b),
    carol: test.client(c),
    guest: test.client(g),
    claims,
    suspended,
    atFind,
    mine: (who) => calendarOf(who, 'personal'),
    team: (who) => calendarOf(who, 'team'),
    close: () => test.close(),
  };
}
