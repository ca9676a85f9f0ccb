import { currentContext } from '../context/index.ts';
import { invalid } from '../contract/index.ts';
import type { Tx } from '../db/index.ts';
import { isId } from '../ids/index.ts';

/** What administrators and owners can look up later: who changed what about people, rights and settings. Never content. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  /** `module.past-tense-verb`. */
  readonly action: string;
  readonly personId: string | null;
  readonly subjectId: string | null;
  readonly requestId: string | null;
  readonly ip: string | null;
  /** Ids, names of settings, counts; at most 4 kB. */
  readonly details: Record<string, unknown>;
}

export interface Audit {
  /**
   * Written in the same transaction as what it tells of. `personId` is who did it: the signed-in person of the request
   * unless told. A `system` transaction names the organisation.
   */
  record(
    tx: Tx,
    entry: {
      action: string;
      subjectId?: string;
      personId?: string | null;
      ip?: string;
      details?: Record<string, unknown>;
      orgId?: string;
    },
  ): Promise<void>;
  /**
   * Newest first, by keyset, of the transaction's organisation.
   *
   * @throws Problem 400 `invalid` for a cursor that no page gave.
   */
  list(
    tx: Tx,
    query: { cursor?: string; limit: number; action?: string; personId?: string },
  ): Promise<{ rows: AuditEntry[]; next: string | null }>;
}

const maxDetailsBytes = 4096;
const actionPattern = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/;

interface AuditRow extends Record<string, unknown> {
  id: string;
  at: Date;
  /** Microseconds since 1970: a `Date` would round the cursor and lose rows. */
  at_us: number;
  action: string;
  person_id: string | null;
  subject_id: string | null;
  request_id: string | null;
  ip: string | null;
  details: Record<string, unknown>;
}

function parseCursor(cursor: string): { atUs: number; id: string } {
  const [at = '', id = ''] = cursor.split('_');
  if (!/^[0-9]{1,16}$/.test(at) || !isId(id)) throw invalid('This page mark is not one of ours.');
  return { atUs: Number(at), id };
}

/** `nextId` gives the entries' ids. */
export function createAudit({ nextId }: { nextId(): string }): Audit {
  return {
    async record(tx, entry) {
      if (!actionPattern.test(entry.action)) throw new Error(`${entry.action} is not module.past-tense-verb`);
      const details = JSON.stringify(entry.details ?? {});
      if (Buffer.byteLength(details) > maxDetailsBytes) {
        throw new Error(`${entry.action}: audit details are limited to ${maxDetailsBytes} bytes`);
      }
      const orgId = tx.orgId ?? entry.orgId;
      if (!orgId) throw new Error(`${entry.action}: a system transaction must name the organisation`);
      const context = currentContext();
      await tx.query(
        `insert into core.audit (id, org_id, action, person_id, subject_id, request_id, ip, details)
         values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)`,
        [
          nextId(),
          orgId,
          entry.action,
          entry.personId === undefined ? (context?.personId ?? null) : entry.personId,
          entry.subjectId ?? null,
          context?.requestId.slice(0, 100) ?? null,
          entry.ip?.slice(0, 45) ?? null,
          details,
        ],
      );
    },
    async list(tx, { cursor, limit, action, personId }) {
      if (!tx.orgId) throw new Error('the audit log is read within one organisation');
      const pageSize = Math.max(1, Math.min(200, Math.trunc(limit)));
      const from = cursor === undefined ? undefined : parseCursor(cursor);
      const rows = await tx.query<AuditRow>(
        `select id, at, (extract(epoch from at) * 1000000)::bigint as at_us, action, person_id, subject_id, request_id, ip, details
         from core.audit
         where org_id = $1
           and ($2::bigint is null or (at, id) < (timestamptz '1970-01-01 00:00:00Z' + $2::bigint * interval '1 microsecond', $3::uuid))
           and ($4::text is null or action = $4)
           and ($5::uuid is null or person_id = $5)
         order by at desc, id desc limit $6`,
        [tx.orgId, from?.atUs ?? null, from?.id ?? null, action ?? null, personId ?? null, pageSize + 1],
      );
      const page = rows.slice(0, pageSize);
      const last = page.at(-1);
      return {
        rows: page.map((row) => ({
          id: row.id,
          at: row.at,
          action: row.action,
          personId: row.person_id,
          subjectId: row.subject_id,
          requestId: row.request_id,
          ip: row.ip,
          details: row.details,
        })),
        next: rows.length > pageSize && last ? `${last.at_us}_${last.id}` : null,
      };
    },
  };
}
