import { invalid } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { People, PersonSummary } from '@liaison/people';
import { sql } from 'kysely';
import type { CallRecord, CallSettings, Party } from '../contract/index.ts';
import { qualityFor } from './call-quality.ts';
import type { CallsTables } from './tables.ts';

export const toParty = (person: PersonSummary | undefined | null, text: string | null = null): Party => ({
  personId: person?.id ?? null,
  name: person?.name ?? text ?? '',
  address: person?.address ?? null,
  extension: person?.extension ?? null,
});

const thirds = (row: {
  transferred_by_person_id: string | null;
  transferred_to_person_id: string | null;
  returned_from_person_id: string | null;
}) => [row.transferred_by_person_id, row.transferred_to_person_id, row.returned_from_person_id];

const cursorPattern = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)_([0-9a-f-]{36})$/;

/** A person's own calls, newest first. */
export async function listCallsOf(
  tx: Tx,
  people: Pick<People, 'findMany'>,
  me: string,
  query: {
    cursor?: string | undefined;
    limit: number;
    only: 'all' | 'missed';
    personId?: string | undefined;
    numbers?: string | undefined;
    from?: string | undefined;
    to?: string | undefined;
  },
): Promise<{ rows: CallRecord[]; next: string | null }> {
  let select = tx
    .as<CallsTables>()
    .selectFrom('calls.call')
    .select([
      'id',
      'caller_person_id',
      'callee_person_id',
      'dialled',
      'caller_text',
      'answered_at',
      'ended_at',
      'reason',
      'missed',
      'seen_at',
      'quality',
      'transferred_by_person_id',
      'transferred_to_person_id',
      'returned_from_person_id',
    ])
    // Text keeps the microseconds, which a cursor must not lose.
    .select(
      sql<string>`to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as('started_at'),
    )
    .orderBy(sql`calls.call.started_at`, 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  select =
    query.only === 'missed'
      ? select.where('callee_person_id', '=', me).where('missed', '=', true)
      : select.where((where) =>
          where.or([where('caller_person_id', '=', me), where('callee_person_id', '=', me)]),
        );
  const { personId } = query;
  if (personId) {
    select = select.where((where) =>
      where.or([where('caller_person_id', '=', personId), where('callee_person_id', '=', personId)]),
    );
  }
  if (query.numbers !== undefined) {
    const endings = query.numbers.split(',').map((number) => number.replace(/\D/g, '').slice(-9));
    const ending = (text: 'dialled' | 'caller_text') =>
      sql<boolean>`right(regexp_replace(split_part(${sql.ref(text)}, '@', 1), '[^0-9]', '', 'g'), 9) = any(${endings}::text[])`;
    select = select.where((where) =>
      where.or([
        where.and([where('callee_person_id', 'is', null), ending('dialled')]),
        where.and([where('caller_person_id', 'is', null), ending('caller_text')]),
      ]),
    );
  }
  if (query.from) select = select.where('calls.call.started_at', '>=', new Date(query.from));
  if (query.to) select = select.where('calls.call.started_at', '<', new Date(query.to));
  if (query.cursor) {
    const match = cursorPattern.exec(query.cursor);
    if (!match) throw invalid('This list cannot go on from there; begin it anew.');
    select = select.where(
      sql<boolean>`(calls.call.started_at, calls.call.id) < (${match[1]}::timestamptz, ${match[2]}::uuid)`,
    );
  }
  const rows = await select.execute();
  const page = rows.slice(0, query.limit);
  const others = new Set<string>();
  for (const row of page) {
    const other = row.caller_person_id === me ? row.callee_person_id : row.caller_person_id;
    if (other) others.add(other);
    for (const third of thirds(row)) if (third) others.add(third);
  }
  const known = await people.findMany(tx, [...others]);
  const named = (personId: string | null) => (personId === null ? null : toParty(known.get(personId)));
  const last = page.at(-1);
  return {
    rows: page.map((row) => {
      const outgoing = row.caller_person_id === me;
      const other = outgoing ? row.callee_person_id : row.caller_person_id;
      return {
        id: row.id,
        direction: outgoing ? 'outgoing' : 'incoming',
        peer: toParty(other ? known.get(other) : null, outgoing ? row.dialled : row.caller_text),
        startedAt: new Date(row.started_at).toISOString(),
        answeredAt: (row.answered_at as Date | null)?.toISOString() ?? null,
        endedAt: (row.ended_at as Date | null)?.toISOString() ?? null,
        reason: row.reason,
        missed: row.missed && !outgoing,
        seen: row.seen_at !== null,
        quality: row.quality && qualityFor(row.quality, outgoing ? 'caller' : 'callee'),
        transferredBy: named(row.transferred_by_person_id),
        transferredTo: named(row.transferred_to_person_id),
        returnedFrom: named(row.returned_from_person_id),
      };
    }),
    next: rows.length > query.limit && last ? `${last.started_at}_${last.id}` : null,
  };
}

export async function countMissed(tx: Tx, me: string): Promise<number> {
  const row = await tx
    .as<CallsTables>()
    .selectFrom('calls.call')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('callee_person_id', '=', me)
    .where('missed', '=', true)
    .where('seen_at', 'is', null)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** Calls of a person that have not ended, as far as the rows know. */
export async function openCallsOf(tx: Tx, me: string): Promise<string[]> {
  const rows = await tx
    .as<CallsTables>()
    .selectFrom('calls.call')
    .select('id')
    .where('ended_at', 'is', null)
    .where((where) => where.or([where('caller_person_id', '=', me), where('callee_person_id', '=', me)]))
    .limit(20)
    .execute();
  return rows.map((row) => row.id);
}

export async function registrationsOf(tx: Tx, me: string) {
  const rows = await tx
    .as<CallsTables>()
    .selectFrom('calls.registration')
    .select(['device_id', 'user_agent', 'flow', 'expires_at'])
    .where('person_id', '=', me)
    .where('expires_at', '>', new Date())
    .orderBy('registered_at')
    .execute();
  return rows.map((row) => ({
    deviceId: row.device_id,
    userAgent: row.user_agent,
    address: `${row.flow.remote.address}:${row.flow.remote.port}`,
    protocol: row.flow.protocol,
    expiresAt: (row.expires_at as Date).toISOString(),
  }));
}

/** What a person chose about her calls; who chose nothing has the defaults. */
export async function settingsOf(tx: Tx, me: string): Promise<CallSettings> {
  const row = await tx
    .as<CallsTables>()
    .selectFrom('calls.setting')
    .select('call_waiting')
    .where('person_id', '=', me)
    .executeTakeFirst();
  return { callWaiting: row?.call_waiting ?? true };
}
