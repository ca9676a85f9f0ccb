import { conflict, Problem } from '../contract/index.ts';
import type { Tx } from '../db/index.ts';
import { normalizeName } from './normalize.ts';

/** What must be unique beyond one table and, later, beyond one site. */
export type NameKind = 'address' | 'domain' | 'handle' | 'extension';

/** A name of an organisation; a `system` transaction, which has none of its own, says which. */
export interface Name {
  kind: NameKind;
  /** In any spelling; see `normalizeName`. */
  name: string;
  orgId?: string;
}

export interface Names {
  /**
   * Takes a name for a holder, in the caller's transaction. Domains and addresses are unique over all organisations,
   * extensions and handles within one. Repeating it for the same holder changes nothing. The authority is the
   * organisation's home site; across sites this becomes a request to it (DESIGN §3 Ids).
   *
   * It waits for a rival's open transaction on the same name. Whoever takes several takes them sorted.
   *
   * @throws Problem 409 `name-taken` when somebody else holds it (never says who); 400 `invalid` for what is no such
   *   name; 503 `home-site-unreachable` where another site is the organisation's home.
   */
  reserve(tx: Tx, name: Name & { holderId: string }): Promise<void>;
  /** Gives a name back; nothing happens when this holder does not have it. */
  release(tx: Tx, name: Name & { holderId: string }): Promise<void>;
  /** Who has a name, of this organisation; null when nobody of it has. A `system` transaction sees all addresses. */
  holder(tx: Tx, name: Name): Promise<string | null>;
  /** An extension that nobody of the organisation has: the first free one after the last that was given. */
  freeExtension(tx: Tx): Promise<string>;
}

/** Where an organisation begins to count: three digits are quick to dial, and what begins with 1 is left for services. */
const firstExtension = 200;

const everywhere = '00000000-0000-0000-0000-000000000000';

/** `site` is this installation's number. */
export function createNames({ site }: { site: number }): Names {
  const orgOf = (tx: Tx, { kind, orgId }: Name): string => {
    const org = tx.orgId ?? orgId;
    if (!org) throw new Error(`a system transaction must say whose ${kind} it means`);
    return org;
  };
  const isGlobal = (kind: NameKind) => kind === 'address' || kind === 'domain';
  const scopeOf = (tx: Tx, name: Name) => (isGlobal(name.kind) ? everywhere : orgOf(tx, name));
  return {
    async reserve(tx, name) {
      const [row] = await tx.query<{ answer: 'reserved' | 'taken' | 'elsewhere' }>(
        'select core.reserve_name($1, $2, $3, $4, $5::smallint) as answer',
        [name.kind, normalizeName(name.kind, name.name), name.holderId, orgOf(tx, name), site],
      );
      if (row?.answer === 'taken') throw conflict('name-taken', 'This name is taken.');
      if (row?.answer !== 'reserved') {
        // TODO: ask the home site once sites are linked.
        throw new Problem(503, 'home-site-unreachable', "Only this organisation's home site can give names.");
      }
    },
    async release(tx, name) {
      await tx.query(
        'delete from core.name where kind = $1 and scope = $2 and name = $3 and holder_id = $4 and ($5::uuid is null or org_id = $5)',
        [
          name.kind,
          scopeOf(tx, name),
          normalizeName(name.kind, name.name),
          name.holderId,
          tx.orgId ?? name.orgId ?? null,
        ],
      );
    },
    async holder(tx, name) {
      const [row] = await tx.query<{ holder_id: string }>(
        'select holder_id from core.name where kind = $1 and scope = $2 and name = $3',
        [name.kind, scopeOf(tx, name), normalizeName(name.kind, name.name)],
      );
      return row?.holder_id ?? null;
    },
    async freeExtension(tx) {
      const name = { kind: 'extension', name: String(firstExtension) } as const;
      const [row] = await tx.query<{ free: string }>(
        `with taken as (select name, reserved_at from core.name where kind = 'extension' and scope = $1),
           last as (
             select coalesce((select name::int from taken where name ~ '^[1-9][0-9]{1,6}$'
                              order by reserved_at desc, length(name) desc, name desc limit 1), $2::int - 1) as number
           )
         select candidate::text as free
         from last, generate_series(last.number + 1, last.number + 1 + (select count(*) from taken)) as candidate
         where candidate::text not in (select name from taken)
         order by candidate limit 1`,
        [scopeOf(tx, name), firstExtension],
      );
      return row!.free;
    },
  };
}
