import type { Db } from '@liaison/core/db';

/** What happened before is old: the first start after an update sees the events of fourteen days. */
export async function installedSince(db: Db): Promise<Date> {
  const [row] = await db.systemQuery<{ since: Date }>('select since from notify.installation');
  if (!row) throw new Error('notify.installation has no row');
  return row.since;
}

interface KeptKeys {
  readonly publicKey: string;
  readonly sealedPrivateKey: string;
}

export async function keptKeys(db: Db): Promise<KeptKeys | null> {
  const [row] = await db.systemQuery<{ public_key: string | null; sealed_private_key: string | null }>(
    'select public_key, sealed_private_key from notify.installation',
  );
  return row?.public_key && row.sealed_private_key
    ? { publicKey: row.public_key, sealedPrivateKey: row.sealed_private_key }
    : null;
}

/** Keeps them where there are none yet. */
export async function keepKeys(db: Db, keys: KeptKeys): Promise<void> {
  await db.systemQuery(
    `update notify.installation set public_key = $1, sealed_private_key = $2 where public_key is null`,
    [keys.publicKey, keys.sealedPrivateKey],
  );
}

/** A browser that somebody of any organisation subscribed before, and who subscribes now is another. */
export async function forgetEndpoint(db: Db, endpointHash: Buffer, exceptPersonId: string): Promise<void> {
  await db.systemQuery('delete from notify.subscription where endpoint_hash = $1 and person_id <> $2', [
    endpointHash,
    exceptPersonId,
  ]);
}

/** Organisations in which something waits for a digest. */
export async function organisationsWithWaiting(db: Db): Promise<string[]> {
  const rows = await db.systemQuery<{ org_id: string }>(
    'select distinct org_id from notify.news where waits',
  );
  return rows.map((row) => row.org_id);
}

/** News that wait for a digest, of everybody. */
export async function countWaiting(db: Db): Promise<number> {
  const [row] = await db.systemQuery<{ many: number }>(
    'select count(*) as many from notify.news where waits',
  );
  return row?.many ?? 0;
}
