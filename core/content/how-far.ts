import type { Tx } from '../db/index.ts';

/** A kind that a follower reads anew, and the form in which it does. */
export interface Reading {
  readonly follower: string;
  readonly kind: string;
  readonly form: string;
  readonly circumstances: string;
}

interface HowFar {
  /** The last document that was read; null at the beginning. */
  readonly reached: string | null;
  readonly documents: number;
  readonly isDone: boolean;
}

/** How far a reading has come: from the beginning where it is new, or was of another form or under other circumstances. */
export async function begin(tx: Tx, { follower, kind, form, circumstances }: Reading): Promise<HowFar> {
  const isSame = 'r.form = excluded.form and r.circumstances = excluded.circumstances';
  const [row] = await tx.query<{ reached: string | null; documents: number; is_done: boolean }>(
    `insert into core.content_reading as r (org_id, follower, kind, form, circumstances) values ($1, $2, $3, $4, $5)
     on conflict (org_id, follower, kind) do update set form = excluded.form, circumstances = excluded.circumstances,
       reached = case when ${isSame} then r.reached end,
       documents = case when ${isSame} then r.documents else 0 end,
       done_at = case when ${isSame} then r.done_at end
     returning reached, documents::int, done_at is not null as is_done`,
    [tx.orgId, follower, kind, form, circumstances],
  );
  return { reached: row?.reached ?? null, documents: row?.documents ?? 0, isDone: row?.is_done ?? false };
}

const where = `org_id = $1 and follower = $2 and kind = $3 and form = $4 and circumstances = $5
  and reached is not distinct from $6`;

const named = (tx: Tx, { follower, kind, form, circumstances }: Reading, reached: string | null) => [
  tx.orgId,
  follower,
  kind,
  form,
  circumstances,
  reached,
];

/** In the transaction that read a page. False where it is not the one that is going on: another has begun anew, or is further. */
export async function moveOn(
  tx: Tx,
  reading: Reading,
  from: string | null,
  page: { readonly reached: string; readonly documents: number },
): Promise<boolean> {
  const rows = await tx.query(
    `update core.content_reading set reached = $7, documents = documents + $8 where ${where} returning kind`,
    [...named(tx, reading, from), page.reached, page.documents],
  );
  return rows.length > 0;
}

/** False as above. */
export async function finish(tx: Tx, reading: Reading, from: string | null): Promise<boolean> {
  const rows = await tx.query(
    `update core.content_reading set reached = null, done_at = now() where ${where} returning kind`,
    named(tx, reading, from),
  );
  return rows.length > 0;
}

/** All kinds that were read under other circumstances are to be read from the beginning; whether there are any. */
export async function beginOthers(tx: Tx, follower: string, circumstances: string): Promise<boolean> {
  const rows = await tx.query(
    `update core.content_reading set circumstances = $3, reached = null, documents = 0, done_at = null
     where org_id = $1 and follower = $2 and circumstances <> $3 returning kind`,
    [tx.orgId, follower, circumstances],
  );
  return rows.length > 0;
}
