import { currentContext } from '../context/index.ts';
import type { EventDefinition } from '../contract/index.ts';
import type { Tx } from '../db/index.ts';

/** What a commit wakes readers with. */
export interface StreamHead {
  readonly streamId: string;
  readonly seq: number;
  /** People who joined or left in this transaction: their open pages follow or leave the stream at once. */
  readonly members?: readonly string[];
}

/** What `emit` needs from the process; given once by `createOutbox`. */
export interface EmitDependencies {
  nextId(): string;
  wake(heads: StreamHead[]): void;
}

interface Pending {
  id: string;
  org_id: string;
  stream_id: string;
  name: string;
  version: number;
  payload: Record<string, unknown>;
  person_id: string | null;
  request_id: string | null;
}

/** Told by core/spaces; named here so that a wake can say whose pages are concerned. */
const membershipEvents = new Set(['core.member-joined', 'core.member-left']);

const pendingKey = Symbol('outbox events of this transaction');

export type Emit = <Payload extends Record<string, unknown>>(
  tx: Tx,
  event: EventDefinition<Payload>,
  payload: NoInfer<Payload>,
  /**
   * Who did it, in which request; those of the context unless told (a transaction that serves several requests tells).
   * A system transaction names the organisation too.
   */
  by?: { personId?: string | null; orgId?: string; requestId?: string | null },
) => void;

/**
 * Makes the `emit` that actions call inside their transaction. Events are gathered and written together with
 * COMMIT, because that takes each stream's row lock and everybody else's events in that space wait for it.
 */
export function createEmit(dependencies: EmitDependencies): Emit {
  return (tx, event, payload, by = {}) => {
    const parsed = event.payload.parse(payload);
    const streamId = parsed[event.stream];
    if (typeof streamId !== 'string')
      throw new Error(`${event.name}: payload.${event.stream} must be a space id`);
    const orgId = tx.orgId ?? by.orgId;
    if (!orgId) throw new Error(`${event.name}: a system transaction must name the organisation`);
    const context = currentContext();
    const row: Pending = {
      id: dependencies.nextId(),
      org_id: orgId,
      stream_id: streamId,
      name: event.name,
      version: event.version,
      payload: parsed,
      person_id: by.personId === undefined ? (context?.personId ?? null) : by.personId,
      request_id: by.requestId === undefined ? (context?.requestId ?? null) : by.requestId,
    };
    const gathered = tx.gathered.get(pendingKey) as Pending[] | undefined;
    if (gathered) {
      gathered.push(row);
      return;
    }
    const pending = [row];
    tx.gathered.set(pendingKey, pending);
    tx.withCommit(() => ({
      sql: 'select * from core.emit($1::jsonb)',
      parameters: [JSON.stringify(pending)],
      answered(rows) {
        const heads = new Map<string, number>();
        for (const { stream_id, seq } of rows as { stream_id: string; seq: number }[]) {
          heads.set(stream_id, Math.max(seq, heads.get(stream_id) ?? 0));
        }
        const members = new Map<string, string[]>();
        for (const event of pending) {
          if (!membershipEvents.has(event.name)) continue;
          members.set(event.stream_id, [
            ...(members.get(event.stream_id) ?? []),
            String(event.payload.personId),
          ]);
        }
        tx.afterCommit(() =>
          dependencies.wake(
            [...heads].map(([id, head]) => {
              const moved = members.get(id);
              return moved ? { streamId: id, seq: head, members: moved } : { streamId: id, seq: head };
            }),
          ),
        );
      },
    }));
  };
}
