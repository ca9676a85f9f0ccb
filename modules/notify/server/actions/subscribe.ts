import { createHash } from 'node:crypto';
import type { PersonActor } from '@liaison/core/contract';
import { invalid } from '@liaison/core/contract';
import type { Db, Tx } from '@liaison/core/db';
import type { Outgoing } from '@liaison/core/outgoing';
import type { Secrets } from '@liaison/core/secrets';
import {
  mostSubscriptions,
  type Subscription,
  type SubscriptionInput,
  subscriptionInputSchema,
} from '../../contract/index.ts';
import { forgetEndpoint } from '../across-organisations.ts';

const contextOf = (id: string): string => `notify.subscription:${id}`;

export const hashOf = (endpoint: string): Buffer => createHash('sha256').update(endpoint).digest();

interface SubscriptionRow extends Record<string, unknown> {
  readonly id: string;
  readonly session_id: string;
  readonly browser: string | null;
  readonly created_at: Date;
  readonly last_pushed_at: Date | null;
}

const present = (row: SubscriptionRow, sessionId: string): Subscription => ({
  id: row.id,
  name: row.browser ?? '',
  isMine: row.session_id === sessionId,
  createdAt: row.created_at.toISOString(),
  lastPushedAt: row.last_pushed_at?.toISOString() ?? null,
});

/**
 * Keeps a browser that may be pushed to; the same one again takes its own place. Beyond the bound the oldest goes.
 *
 * @throws Problem 400 when this program would not go to its push service.
 */
export async function subscribe(
  tx: Tx,
  {
    nextId,
    secrets,
    outgoing,
  }: { nextId(): string; secrets: Pick<Secrets, 'seal'>; outgoing: Pick<Outgoing, 'allows'> },
  actor: PersonActor,
  input: SubscriptionInput,
  browser: string,
): Promise<Subscription> {
  if (!outgoing.allows(input.endpoint)) {
    throw invalid('This push service cannot be used.', [
      { path: 'body.endpoint', message: 'an https address that is public' },
    ]);
  }
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('notify.subscribe ' || $1, 0))`, [
    actor.personId,
  ]);
  const hash = hashOf(input.endpoint);
  const [there] = await tx.query<{ id: string }>(
    'select id from notify.subscription where person_id = $1 and endpoint_hash = $2',
    [actor.personId, hash],
  );
  const id = there?.id ?? nextId();
  const [row] = await tx.query<SubscriptionRow>(
    `insert into notify.subscription (id, org_id, person_id, session_id, endpoint_hash, sealed, browser)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do update set session_id = excluded.session_id, sealed = excluded.sealed, browser = excluded.browser
     returning id, session_id, browser, created_at, last_pushed_at`,
    [
      id,
      actor.orgId,
      actor.personId,
      actor.sessionId,
      hash,
      secrets.seal(JSON.stringify(input), contextOf(id)),
      browser.slice(0, 100),
    ],
  );
  if (!row) throw new Error('a subscription was neither written nor there');
  await tx.query(
    `delete from notify.subscription where id in (
       select id from notify.subscription where person_id = $1 and id <> $2 order by created_at desc offset $3)`,
    [actor.personId, id, mostSubscriptions - 1],
  );
  return present(row, actor.sessionId);
}

/** Answers whether it was hers and there. */
export async function unsubscribe(tx: Tx, personId: string, id: string): Promise<boolean> {
  const rows = await tx.query(
    'delete from notify.subscription where id = $1 and person_id = $2 returning id',
    [id, personId],
  );
  return rows.length > 0;
}

export async function endOfSession(tx: Tx, sessionId: string): Promise<void> {
  await tx.query('delete from notify.subscription where session_id = $1', [sessionId]);
}

export async function listSubscriptions(tx: Tx, actor: PersonActor): Promise<Subscription[]> {
  const rows = await tx.query<SubscriptionRow>(
    `select id, session_id, browser, created_at, last_pushed_at from notify.subscription
     where person_id = $1 order by created_at desc limit $2`,
    [actor.personId, mostSubscriptions],
  );
  return rows.map((row) => present(row, actor.sessionId));
}

/** A browser as it is pushed to. */
export interface OpenSubscription {
  readonly id: string;
  readonly input: SubscriptionInput;
}

/** Those of a person, or one of them. One that no key opens any more is left out: it is made anew when its page opens. */
export async function openSubscriptions(
  tx: Tx,
  secrets: Pick<Secrets, 'openText'>,
  personId: string,
  onlyId: string | null = null,
): Promise<OpenSubscription[]> {
  const rows = await tx.query<{ id: string; sealed: string }>(
    'select id, sealed from notify.subscription where person_id = $1 and ($2::uuid is null or id = $2) limit $3',
    [personId, onlyId, mostSubscriptions],
  );
  return rows.flatMap((row) => {
    try {
      const text = secrets.openText(row.sealed, contextOf(row.id));
      return [{ id: row.id, input: subscriptionInputSchema.parse(JSON.parse(text)) }];
    } catch {
      return [];
    }
  });
}

/** One browser pushes to one person: who was signed in there before is told nothing more on it. */
export const forgetOthers = (db: Db, endpoint: string, personId: string): Promise<void> =>
  forgetEndpoint(db, hashOf(endpoint), personId);
