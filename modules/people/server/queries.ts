import { invalid, notFound, type Role } from '@liaison/core/contract';
import { inOneStatement, type Tx } from '@liaison/core/db';
import type { Selectable } from 'kysely';
import type { Organisation, Person, PersonSummary, SpaceRef } from '../contract/index.ts';
import type { PeopleTables } from './tables.ts';

/** The columns of a summary, from person `p` with her membership `m` of the organisation's space. */
export const summaryColumns = `p.id, p.name, p.address, p.extension, p.title, p.office, p.time_zone, p.language, p.photo,
  p.status, m.role`;

/** Of person `p`: erased people have no membership and are not there. */
const withMembership = `join core.member m on m.space_id = p.org_id and m.person_id = p.id`;

/** Where summaries come from. */
export const summaryFrom = `people.person p ${withMembership}`;

export interface SummaryRow extends Record<string, unknown> {
  id: string;
  name: string;
  address: string;
  extension: string | null;
  title: string | null;
  office: string | null;
  time_zone: string;
  language: PersonSummary['language'];
  photo: string | null;
  status: PersonSummary['status'];
  role: Role;
}

/** Enough of the photo's hash to tell versions apart. */
export const photoVersion = (sha256: string | null): string | null => sha256?.slice(0, 16) ?? null;

export const toSummary = (row: SummaryRow): PersonSummary => ({
  id: row.id,
  name: row.name,
  address: row.address,
  extension: row.extension,
  title: row.title,
  office: row.office,
  timeZone: row.time_zone,
  language: row.language,
  photo: photoVersion(row.photo),
  role: row.role,
  status: row.status,
});

/**
 * The limit is all of them: a plan that is made without knowing it expects few, and looks each up by its key. Otherwise it reads
 * every member of an organisation of hundreds, which takes twenty times as long for one.
 */
export async function findSummaries(
  tx: Tx,
  personIds: readonly string[],
): Promise<Map<string, PersonSummary>> {
  if (personIds.length === 0) return new Map();
  if (personIds.length > 1000) throw invalid('At most 1,000 people at once.');
  const rows = await tx.query<SummaryRow>(
    `select ${summaryColumns} from (select * from unnest($1::uuid[]) as u(id) limit $2) wanted
       join people.person p on p.id = wanted.id ${withMembership}`,
    [personIds, personIds.length],
  );
  return new Map(rows.map((row) => [row.id, toSummary(row)]));
}

/** One person; those of whom several ask at the same moment are read together, as everything here that calls ask for. */
export const findSummary = inOneStatement<string, PersonSummary | null>(async (tx, personIds) => {
  const found = await findSummaries(tx, [...new Set(personIds)]);
  return personIds.map((id) => found.get(id) ?? null);
});

export const findByExtension = inOneStatement<string, PersonSummary | null>(async (tx, extensions) => {
  const wanted = [...new Set(extensions)];
  const rows = await tx.query<SummaryRow & { extension: string }>(
    `select ${summaryColumns} from (select * from unnest($1::text[]) as u(extension) limit $2) wanted
       join people.person p on p.org_id = core.current_org() and p.extension = wanted.extension
       ${withMembership} order by p.id`,
    [wanted, wanted.length],
  );
  return extensions.map((extension) => {
    const row = rows.find((each) => each.extension === extension);
    return row ? toSummary(row) : null;
  });
});

/** The first who had it; those of which several ask at the same moment are read together. */
export const findByNumber = inOneStatement<string, PersonSummary | null>(async (tx, numbers) => {
  const rows = await tx.query<SummaryRow & { e164: string }>(
    `select distinct on (n.e164) n.e164, ${summaryColumns}
     from people.number n join ${summaryFrom} on p.id = n.person_id
     where n.org_id = core.current_org() and n.e164 = any($1::text[]) order by n.e164, p.id`,
    [[...new Set(numbers)]],
  );
  const found = new Map(rows.map((row) => [row.e164, toSummary(row)]));
  return numbers.map((number) => found.get(number) ?? null);
});

/** One person by one column, `where` being a condition on `p` with $1. */
export async function findSummaryWhere(tx: Tx, where: string, value: string): Promise<PersonSummary | null> {
  const [row] = await tx.query<SummaryRow>(
    `select ${summaryColumns} from ${summaryFrom} where ${where} order by p.id limit 1`,
    [value],
  );
  return row ? toSummary(row) : null;
}

/** Teams and groups of several people that are in use. */
export async function teamsOf(
  tx: Tx,
  personIds: readonly string[],
): Promise<Map<string, (SpaceRef & { role: Role })[]>> {
  const teams = new Map<string, (SpaceRef & { role: Role })[]>();
  if (personIds.length === 0) return teams;
  const rows = await tx
    .as<PeopleTables>()
    .selectFrom('core.member as m')
    .innerJoin('core.space as s', 's.id', 'm.space_id')
    .select(['m.person_id', 'm.role', 's.id', 's.kind', 's.name'])
    .where('m.person_id', 'in', [...personIds])
    .where('s.kind', 'in', ['team', 'group'])
    .where('s.archived_at', 'is', null)
    .orderBy('s.name')
    .execute();
  for (const row of rows) {
    const mine = teams.get(row.person_id) ?? [];
    mine.push({ id: row.id, kind: row.kind as SpaceRef['kind'], name: row.name, role: row.role });
    teams.set(row.person_id, mine);
  }
  return teams;
}

export async function findWhole(tx: Tx, personId: string): Promise<Person | null> {
  const summary = (await findSummaries(tx, [personId])).get(personId);
  if (!summary) return null;
  const more = await tx
    .as<PeopleTables>()
    .selectFrom('people.person')
    .select(['bio', 'speaks'])
    .where('id', '=', personId)
    .executeTakeFirstOrThrow();
  const numbers = await tx
    .as<PeopleTables>()
    .selectFrom('people.number')
    .select(['e164', 'label'])
    .where('person_id', '=', personId)
    .orderBy('position')
    .execute();
  const teams = (await teamsOf(tx, [personId])).get(personId) ?? [];
  return { ...summary, numbers, bio: more.bio, speaks: more.speaks, teams };
}

export async function wholePerson(tx: Tx, personId: string): Promise<Person> {
  const person = await findWhole(tx, personId);
  if (!person) throw notFound('This person');
  return person;
}

export const personalSpaceOf = inOneStatement<string, string | null>(async (tx, personIds) => {
  const rows = await tx.query<{ id: string; personal_space_id: string }>(
    `select id, personal_space_id from people.person where id = any($1::uuid[]) and status <> 'erased'`,
    [[...new Set(personIds)]],
  );
  const spaces = new Map(rows.map((row) => [row.id, row.personal_space_id]));
  return personIds.map((id) => spaces.get(id) ?? null);
});

const organisationOf = inOneStatement<null, Organisation | null>(async (tx, asked) => {
  const [row] = await tx.query<Selectable<PeopleTables['people.organisation']> & Record<string, unknown>>(
    'select * from people.organisation limit 1',
  );
  const organisation = row
    ? {
        id: row.id,
        name: row.name,
        domain: row.domain,
        realm: row.realm,
        languages: row.languages,
        timeZone: row.time_zone,
        requireSecondFactor: row.require_second_factor,
        teamMakers: row.team_makers,
      }
    : null;
  return asked.map(() => organisation);
});

export async function findOrganisation(tx: Tx): Promise<Organisation> {
  const organisation = await organisationOf(tx, null);
  if (!organisation) throw notFound('This organisation');
  return organisation;
}
