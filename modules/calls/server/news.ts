import { hears, type NewsItem, type NewsSource, type NewsText } from '@liaison/core/news';
import { callEnded, missedSeen } from '../contract/index.ts';

const itemOf = (callId: string): string => `calls.call:${callId}`;
const idOf = (item: string): string => item.slice('calls.call:'.length);

interface CallRow extends Record<string, unknown> {
  readonly id: string;
  readonly callee_person_id: string;
  readonly caller_person_id: string | null;
  readonly caller_text: string | null;
  readonly started_at: Date;
}

/** Calls that rang and that nobody took: each caller's together. */
export const news: NewsSource = {
  kinds: [{ kind: 'calls.missed', needsMe: true, usual: 'now' }],
  hears: [
    hears(callEnded, async (tx, events) => {
      const missed = events.filter(({ payload }) => payload.missed).map(({ payload }) => payload.callId);
      if (missed.length === 0) return {};
      const rows = await tx.query<CallRow>(
        `select id, callee_person_id, caller_person_id, caller_text, started_at from calls.call
         where id = any($1::uuid[]) and missed and callee_person_id is not null`,
        [missed],
      );
      return {
        news: rows.map(
          (row): NewsItem => ({
            kind: 'calls.missed',
            item: itemOf(row.id),
            group: `calls.from:${row.caller_person_id ?? row.caller_text ?? ''}`.slice(0, 200),
            for: [row.callee_person_id],
            actorId: row.caller_person_id,
            place: null,
            at: row.started_at,
          }),
        ),
      };
    }),
    hears(missedSeen, async (tx, events) => {
      const rows = await tx.query<{ id: string; callee_person_id: string }>(
        `select id, callee_person_id from calls.call
         where callee_person_id = any($1::uuid[]) and missed and seen_at is not null
         order by started_at desc limit 1000`,
        [[...new Set(events.map(({ payload }) => payload.personId))]],
      );
      const seen = new Map<string, string[]>();
      for (const row of rows) {
        seen.set(row.callee_person_id, [...(seen.get(row.callee_person_id) ?? []), itemOf(row.id)]);
      }
      return { read: [...seen].map(([personId, items]) => ({ personId, items })) };
    }),
  ],
  async settled(tx, asked) {
    const rows = await tx.query<{ id: string; callee_person_id: string }>(
      'select id, callee_person_id from calls.call where id = any($1::uuid[]) and seen_at is not null',
      [asked.map(({ item }) => idOf(item))],
    );
    return new Set(rows.map((row) => `${row.callee_person_id} ${itemOf(row.id)}`));
  },
  async describe(tx, personId, items) {
    const rows = await tx.query<{ id: string; caller_text: string | null }>(
      'select id, caller_text from calls.call where id = any($1::uuid[]) and callee_person_id = $2 and missed',
      [items.map(({ item }) => idOf(item)), personId],
    );
    return new Map(
      rows.map((row): [string, NewsText] => [
        itemOf(row.id),
        { title: row.caller_text ?? '', text: '', path: '/phone?view=recent' },
      ]),
    );
  },
};
