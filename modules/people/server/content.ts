import { type ContentDocument, type ContentSource, changedBy } from '@liaison/core/content';
import {
  personChanged,
  personCreated,
  personErased,
  personRestored,
  personSuspended,
  teamChanged,
  teamCreated,
} from '../contract/index.ts';
import { summaryFrom } from './queries.ts';

interface PersonRow extends Record<string, unknown> {
  readonly id: string;
  readonly org_id: string;
  readonly name: string;
  readonly address: string;
  readonly extension: string | null;
  readonly title: string | null;
  readonly office: string | null;
  readonly bio: string | null;
  readonly created_at: Date;
  readonly numbers: readonly string[] | null;
}

const personDocument = (row: PersonRow): ContentDocument => ({
  id: row.id,
  place: { spaceId: row.org_id },
  title: row.name,
  text: [row.title, row.office, row.address, row.extension, ...(row.numbers ?? []), row.bio]
    .filter(Boolean)
    .join('\n'),
  personIds: [row.id],
  container: '',
  at: row.created_at,
  path: `/people/${row.id}`,
});

/** Everybody of the organisation who is not erased, as her page shows her. */
const persons: ContentSource = {
  kind: 'people.person',
  version: 1,
  isPeople: true,
  changes: [personCreated, personChanged, personSuspended, personRestored, personErased].map((event) =>
    changedBy(event, (_tx, { personId }) => [personId]),
  ),
  list: async (tx, { after, limit }) =>
    (
      await tx.query<{ id: string }>(
        `select id from people.person where status <> 'erased' and ($1::uuid is null or id > $1) order by id limit $2`,
        [after, limit],
      )
    ).map(({ id }) => id),
  read: async (tx, ids) =>
    (
      await tx.query<PersonRow>(
        `select p.id, p.org_id, p.name, p.address, p.extension, p.title, p.office, p.bio, p.created_at,
           (select array_agg(n.e164 order by n.position) from people.number n where n.person_id = p.id) as numbers
         from ${summaryFrom} where p.id = any($1::uuid[])`,
        [ids],
      )
    ).map(personDocument),
};

/** Teams and groups by their names, for those who are in them. */
const teams: ContentSource = {
  kind: 'people.team',
  version: 1,
  changes: [teamCreated, teamChanged].map((event) => changedBy(event, (_tx, { spaceId }) => [spaceId])),
  list: async (tx, { after, limit }) =>
    (
      await tx.query<{ id: string }>(
        `select id from core.space where kind in ('team', 'group') and ($1::uuid is null or id > $1) order by id limit $2`,
        [after, limit],
      )
    ).map(({ id }) => id),
  read: async (tx, ids) =>
    (
      await tx.query<{ id: string; name: string; created_at: Date }>(
        `select id, name, created_at from core.space
         where id = any($1::uuid[]) and kind in ('team', 'group') and archived_at is null`,
        [ids],
      )
    ).map(
      (row): ContentDocument => ({
        id: row.id,
        place: { spaceId: row.id },
        title: row.name,
        text: '',
        personIds: [],
        container: '',
        at: row.created_at,
        path: `/people/teams/${row.id}`,
      }),
    ),
};

export const content: readonly ContentSource[] = [persons, teams];
