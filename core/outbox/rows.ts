import type { OutboxEvent } from '../contract/index.ts';

export interface OutboxRow extends Record<string, unknown> {
  id: string;
  org_id: string;
  stream_id: string;
  seq: number;
  name: string;
  version: number;
  payload: Record<string, unknown>;
  person_id: string | null;
  request_id: string | null;
  at: Date;
}

export const toEvent = (row: OutboxRow): OutboxEvent => ({
  id: row.id,
  orgId: row.org_id,
  streamId: row.stream_id,
  seq: row.seq,
  name: row.name,
  version: row.version,
  payload: row.payload,
  personId: row.person_id,
  requestId: row.request_id,
  at: row.at,
});

export const eventColumns = 'id, org_id, stream_id, seq, name, version, payload, person_id, request_id, at';

/**
 * Where a reaction has come to is written without waiting for the disk: a crash of the database makes it run again,
 * which it is made for. What the reaction itself writes is another transaction and is synced like every other.
 */
export const unsynced = `(select set_config('synchronous_commit', 'off', true)) as unsynced`;
