import type { Tx } from '../db/index.ts';

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
  /** Written in the same transaction as what it tells of. */
  record(
    tx: Tx,
    entry: { action: string; subjectId?: string; personId?: string | null; ip?: string; details?: Record<string, unknown> },
  ): Promise<void>;
  /** Newest first, by keyset. */
  list(
    tx: Tx,
    query: { cursor?: string; limit: number; action?: string; personId?: string },
  ): Promise<{ rows: AuditEntry[]; next: string | null }>;
}
