import { afterAll, beforeAll, expect, it } from 'vitest';
import { standingStatement } from './across-organisations.ts';
import { type Bench, createBench } from './testing/bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.close());

it('what is asked about all open pages probes the members once for each, also by a plan for any number', async () => {
  const { orgId } = await bench.organisation('crowded', ['owner'], false);
  const { testDb, core } = bench.test;
  await testDb.admin(
    `insert into people.person (id, org_id, address, name, sort_name, time_zone, language, status, personal_space_id, home_site)
     select gen_random_uuid(), $1, '', '', '', 'Europe/Lisbon', 'en', 'active', gen_random_uuid(), 1
     from generate_series(1, 2000)`,
    [orgId],
  );
  // A crowd in one space, and each of them in two small ones: most spaces are small, so the planner takes this one to be.
  await testDb.admin(
    `insert into core.member (org_id, space_id, person_id, role)
     select org_id, space, id, 'member'
     from people.person, lateral (values (org_id), (personal_space_id), (gen_random_uuid())) as spaces (space)
     on conflict do nothing`,
  );
  // And the table of organisations is never looked at: what has so few rows is not worth it to autovacuum.
  await testDb.admin('analyze core.member, people.person');
  const plan = await core.db.system(async (tx) => {
    await tx.query('set local plan_cache_mode = force_generic_plan');
    await tx.query(`prepare standing(uuid[]) as ${standingStatement}`);
    const rows = await tx.query<Record<string, string>>(`explain execute standing('{${orgId}}')`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
  expect(/on member.*\n.*Index Cond: (.*)/.exec(plan)?.[1]).toMatch(
    /space_id.*person_id|person_id.*space_id/,
  );
});
