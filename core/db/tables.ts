import type { ColumnType } from 'kysely';
import type { Role } from '../contract/index.ts';

type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>;

export interface SpaceTable {
  id: string;
  org_id: string;
  /** `organisation`, `team`, `direct`, `personal`, `group`, and what later modules add. */
  kind: string;
  name: string;
  /** Unset while the space is in use. */
  archived_at: Date | string | null;
  home_site: number;
  created_at: Timestamp;
}

export interface MemberTable {
  org_id: string;
  space_id: string;
  person_id: string;
  role: Role;
  joined_at: Timestamp;
}

export interface GrantTable {
  id: string;
  org_id: string;
  space_id: string;
  container_id: string | null;
  item_id: string | null;
  principal_kind: 'person' | 'group' | 'space' | 'organisation' | 'link' | 'public';
  /** Null for `organisation` and `public`. */
  principal_id: string | null;
  /** Index into `rights`. */
  level: number;
  until: Date | string | null;
  created_at: Timestamp;
}

/** The only tables that another module's SQL may join. */
export interface CoreTables {
  'core.space': SpaceTable;
  'core.member': MemberTable;
  'core.grant': GrantTable;
}
