import type { Tx } from '../db/index.ts';

/** What must be unique beyond one table and, later, beyond one site. */
export type NameKind = 'address' | 'domain' | 'handle' | 'extension';

export interface Names {
  /**
   * Takes a name for a holder, in the caller's transaction. Domains and addresses are unique over all organisations,
   * extensions and handles within one. Repeating it for the same holder changes nothing. The authority is the
   * organisation's home site; across sites this becomes a request to it (DESIGN §3 Ids).
   *
   * @throws Problem 409 `name-taken` when somebody else holds it (never says who).
   */
  reserve(tx: Tx, name: { kind: NameKind; name: string; holderId: string }): Promise<void>;
  release(tx: Tx, name: { kind: NameKind; name: string; holderId: string }): Promise<void>;
  holder(tx: Tx, name: { kind: NameKind; name: string }): Promise<string | null>;
}
