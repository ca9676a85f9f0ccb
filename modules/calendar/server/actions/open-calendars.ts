import type { Tx } from '@liaison/core/db';
import type { Needs } from './needs.ts';

type Opens = Pick<Needs, 'nextId' | 'site' | 'spaces'>;

/** Gives each space of somebody its first calendar where it has none: spaces are older than this module, and most are never looked into. */
export async function openCalendars(tx: Tx, needs: Opens, personId: string): Promise<void> {
  const missing = await tx.query<{ id: string; kind: 'personal' | 'team' }>(
    `select s.id, s.kind from core.member m join core.space s on s.id = m.space_id
     where m.person_id = $1 and s.kind in ('personal', 'team') and s.archived_at is null
       and not exists (select from calendar.calendar c where c.space_id = s.id and c.is_first) limit 500`,
    [personId],
  );
  const used = missing.some(({ kind }) => kind === 'team') ? await teamColours(tx, personId) : [];
  for (const { id, kind } of missing) {
    const colour = kind === 'personal' ? 0 : leastUsed(used);
    await openFirst(tx, needs, id, kind, colour);
    used.push(colour);
  }
}

/** Of teams: the first is that of one's own calendar, the last two say "do not disturb" and nothing. */
const coloursOfTeams = [1, 2, 3, 4, 5];

async function teamColours(tx: Tx, personId: string): Promise<number[]> {
  const rows = await tx.query<{ colour: number }>(
    `select c.colour from core.member m join calendar.calendar c on c.space_id = m.space_id
     where m.person_id = $1 and c.kind = 'team' and c.is_first limit 500`,
    [personId],
  );
  return rows.map(({ colour }) => colour);
}

/** So that the calendars that somebody sees side by side can be told apart. */
function leastUsed(used: readonly number[]): number {
  const times = (colour: number) => used.filter((each) => each === colour).length;
  return coloursOfTeams.reduce((least, colour) => (times(colour) < times(least) ? colour : least));
}

/** The first calendar of a space, made where there is none; two at once make one. */
export async function openFirst(
  tx: Tx,
  needs: Opens,
  spaceId: string,
  kind: 'personal' | 'team',
  colour: number,
): Promise<string> {
  const id = needs.nextId();
  const made = await tx.query(
    `insert into calendar.calendar (id, org_id, space_id, home_site, kind, name, colour, is_first)
     values ($1, $2, $3, $4, $5, '', $6, true) on conflict (space_id) where is_first do nothing returning id`,
    [id, tx.orgId, spaceId, needs.site, kind, colour],
  );
  if (made.length > 0) {
    if (kind === 'personal') await shareBusy(tx, needs, spaceId, id);
    return id;
  }
  const [there] = await tx.query<{ id: string }>(
    'select id from calendar.calendar where space_id = $1 and is_first',
    [spaceId],
  );
  if (!there) throw new Error('a calendar was made by somebody and is not there');
  return there.id;
}

/** Colleagues see when somebody is taken, and nothing of why: a grant that she can take back. */
export async function shareBusy(
  tx: Tx,
  { spaces }: Opens,
  spaceId: string,
  calendarId: string,
): Promise<void> {
  await spaces.grant(
    tx,
    { spaceId, containerId: calendarId },
    { principal: { kind: 'organisation' }, right: 'free-busy' },
  );
}

/** The first calendars of people, by person; who has no space of her own is missing. */
export async function firstCalendarsOf(
  tx: Tx,
  needs: Opens,
  personIds: readonly string[],
): Promise<Map<string, { calendarId: string; spaceId: string }>> {
  const rows = await tx.query<{ person_id: string; space_id: string; calendar_id: string | null }>(
    `select m.person_id, s.id as space_id, c.id as calendar_id
     from core.member m join core.space s on s.id = m.space_id and s.kind = 'personal'
       left join calendar.calendar c on c.space_id = s.id and c.is_first
     where m.person_id = any($1::uuid[])
       and exists (select from core.member o where o.space_id = m.org_id and o.person_id = m.person_id)
     order by m.person_id`,
    [personIds],
  );
  const found = new Map<string, { calendarId: string; spaceId: string }>();
  for (const row of rows) {
    const calendarId = row.calendar_id ?? (await openFirst(tx, needs, row.space_id, 'personal', 0));
    found.set(row.person_id, { calendarId, spaceId: row.space_id });
  }
  return found;
}
