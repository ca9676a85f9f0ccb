import { type ContentDocument, type ContentSource, changedBy } from '@liaison/core/content';
import { callEnded } from '../contract/index.ts';

interface FoundRow extends Record<string, unknown> {
  readonly id: string;
  readonly space_id: string;
  readonly other: string;
  readonly other_id: string | null;
  readonly started_at: Date;
}

const documentOf = (row: FoundRow): ContentDocument => ({
  id: row.id,
  place: { spaceId: row.space_id },
  title: row.other,
  text: '',
  personIds: row.other_id === null ? [] : [row.other_id],
  container: '',
  at: row.started_at,
  path: '/phone?view=recent',
});

/** A call is there once for each of its people, with the other's number. */
const parties = `calls.call c cross join lateral (
    select c.caller_person_id as person_id, c.callee_person_id as other_id, c.dialled as other
    where c.caller_person_id is not null
    union all
    select c.callee_person_id, c.caller_person_id, coalesce(c.caller_text, '')
    where c.callee_person_id is not null and c.callee_person_id is distinct from c.caller_person_id) as party
  cross join lateral (select c.id || ':' || party.person_id as id) as document`;

/**
 * Calls that ended: with whom and when, for each of the two alone. One that is transferred meanwhile changes its people, so that
 * what is not over is nothing to be found yet.
 */
const calls: ContentSource = {
  kind: 'calls.call',
  version: 1,
  changes: [changedBy(callEnded, (_tx, { callId, personId }) => [`${callId}:${personId}`])],
  list: async (tx, { after, limit }) =>
    (
      await tx.query<{ id: string }>(
        `select document.id from ${parties}
         where c.ended_at is not null and ($1::text is null or (c.id >= left($1, 36)::uuid and document.id collate "C" > $1))
         order by c.id, document.id collate "C" limit $2`,
        [after, limit],
      )
    ).map(({ id }) => id),
  read: async (tx, ids) =>
    (
      await tx.query<FoundRow>(
        `select document.id, s.id as space_id, party.other, party.other_id, c.started_at
         from ${parties}
           join core.member m on m.person_id = party.person_id join core.space s on s.id = m.space_id and s.kind = 'personal'
         where c.id = any($1::uuid[]) and document.id = any($2::text[]) and c.ended_at is not null`,
        [ids.map((id) => id.slice(0, 36)), ids],
      )
    ).map(documentOf),
};

export const content: readonly ContentSource[] = [calls];
