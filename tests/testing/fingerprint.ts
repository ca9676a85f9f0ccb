import type { RunningSuite } from './suite.ts';
import { poll } from './world.ts';

/** Rows and checksum per table. */
export type Fingerprint = Readonly<Record<string, string>>;

/** Tables of one organisation that do not say so in `org_id`, by the condition that finds its rows (`$1`). */
const conditions: Readonly<Record<string, string>> = {
  'people.organisation': 'id = $1',
  'auth.user': 'id::text in (select id::text from people.person where org_id = $1)',
  'auth.session': '"userId"::text in (select id::text from people.person where org_id = $1)',
  'auth.account': '"userId"::text in (select id::text from people.person where org_id = $1)',
  'auth.passkey': '"userId"::text in (select id::text from people.person where org_id = $1)',
  'auth.twoFactor': '"userId"::text in (select id::text from people.person where org_id = $1)',
};

/** Tables of the whole installation: nothing in them is an organisation's. */
const shared = new Set([
  'auth.verification',
  'core.migration',
  'core.process',
  'core.reaction_scan',
  'notify.installation',
  'sites.look',
  'sites.part_day',
  'sites.process',
  'sites.watched',
]);

/** How far indexes have read what there is: written by the clock, whatever is asked meanwhile. What they made of it counts. */
const ofTheClock = new Set(['core.content_reading']);

/** What an organisation has in the database, looked at by the superuser. A table nobody classified is an error. */
export async function fingerprintOf(running: RunningSuite, orgId: string): Promise<Fingerprint> {
  const { admin } = running.test.testDb;
  const tables = await admin(
    `select n.nspname as schema, c.relname as name,
       exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id') as has_org
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition
       and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
       and n.nspname not like 'jobs%' and n.nspname not like 'graphile%'
     order by 1, 2`,
  );
  const parts: string[] = [];
  for (const { schema, name, has_org: hasOrg } of tables) {
    const table = `${schema}.${name}`;
    if (shared.has(table) || ofTheClock.has(table)) continue;
    const condition = conditions[table] ?? (hasOrg ? 'org_id = $1' : undefined);
    if (!condition) throw new Error(`${table}: say in fingerprint.ts whose its rows are`);
    parts.push(
      `select '${table}' as name, count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') as sum
       from "${schema}"."${name}" t where ${condition}`,
    );
  }
  const rows = await admin(parts.join(' union all '), [orgId]);
  return Object.fromEntries(rows.map((row) => [row.name, row.sum]));
}

/** The same, once reactions and jobs have nothing left to do. */
export async function settledFingerprint(running: RunningSuite, orgId: string): Promise<Fingerprint> {
  let before = '';
  let since = Date.now();
  return poll('a database at rest', async () => {
    const now = await fingerprintOf(running, orgId);
    const text = JSON.stringify(now);
    if (text !== before) since = Date.now();
    before = text;
    return Date.now() - since > 1500 && now;
  });
}
