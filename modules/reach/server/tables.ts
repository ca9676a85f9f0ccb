import type { Generated } from 'kysely';
import type { ClaimKind } from '../contract/index.ts';

export interface ReachTables {
  'reach.claim': {
    org_id: string;
    person_id: string;
    kind: ClaimKind;
    ref: string;
    /** Null where the claim outlives its process. */
    process_id: string | null;
    idle: Generated<boolean>;
    since: Generated<Date>;
    until: Date | null;
  };
}
