import { inOneStatement, type Tx } from '@liaison/core/db';
import type { Claim } from '../../contract/index.ts';

type Key = Pick<Claim, 'personId' | 'kind' | 'ref'>;

interface Held extends Key {
  readonly orgId: string;
  readonly processId: string | null;
  readonly idle: boolean;
  readonly until: Date | null;
}

interface Change {
  readonly key: Key;
  /** What is claimed; null for nothing any more. */
  readonly held: Held | null;
}

/** The limit is all of them; a plan made without knowing it expects few, and looks each up by its key. */
const deletion = (first: number) => `
  delete from reach.claim c
  using (select * from unnest($${first}::uuid[], $${first + 1}::text[], $${first + 2}::text[]) as u(person_id, kind, ref)
         limit $${first + 3}) t
  where c.person_id = t.person_id and c.kind = t.kind and c.ref = t.ref`;

/** Of a claim that is there only `idle`, the end and the process change. Becoming idle, or coming back, starts a new spell. */
const insertion = `
  insert into reach.claim as c (org_id, person_id, kind, ref, process_id, idle, until)
  select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::boolean[], $7::timestamptz[])
  on conflict (person_id, kind, ref) do update
  set process_id = excluded.process_id, idle = excluded.idle, until = excluded.until,
    since = case when c.idle = excluded.idle then c.since else now() end`;

const deletionAlone = deletion(1);
const deletionAndInsertion = `with gone as (${deletion(8)}) ${insertion}`;

const keyOf = ({ personId, kind, ref }: Key) => `${personId} ${kind} ${ref}`;

/**
 * What is claimed and given back in one transaction at the same moment is one statement. Of one claim the last word counts, so
 * that each is written once; in one order everywhere, so that two transactions never wait for each other's rows.
 */
const change = inOneStatement<Change, void>(async (tx, changes) => {
  const last = new Map(changes.map((each) => [keyOf(each.key), each]));
  const inOrder = [...last].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
  const held = inOrder.flatMap((each) => each.held ?? []);
  const gone = inOrder.flatMap((each) => (each.held ? [] : each.key));
  const deleted = [
    gone.map(({ personId }) => personId),
    gone.map(({ kind }) => kind),
    gone.map(({ ref }) => ref),
    gone.length,
  ];
  if (held.length === 0) await tx.query(deletionAlone, deleted);
  else {
    const inserted = [
      held.map(({ orgId }) => orgId),
      held.map(({ personId }) => personId),
      held.map(({ kind }) => kind),
      held.map(({ ref }) => ref),
      held.map(({ processId }) => processId),
      held.map(({ idle }) => idle),
      held.map(({ until }) => until),
    ];
    if (gone.length === 0) await tx.query(insertion, inserted);
    else await tx.query(deletionAndInsertion, [...inserted, ...deleted]);
  }
  return changes.map(() => undefined);
});

/** Claims, or renews a claim: only `idle`, the end and the process change, `since` stays. */
export function setClaim(tx: Tx, claim: Claim, processId: string): Promise<void> {
  const { orgId, personId, kind, ref } = claim;
  const held = {
    ...{ orgId, personId, kind, ref },
    processId: claim.lasting ? null : processId,
    idle: claim.idle ?? false,
    until: claim.until ?? null,
  };
  return change(tx, { key: claim, held });
}

export function deleteClaim(tx: Tx, claim: Key): Promise<void> {
  return change(tx, { key: claim, held: null });
}
