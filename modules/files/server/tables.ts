import type { ColumnType, Generated } from 'kysely';

type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>;
type OptionalTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;

export interface FilesTables {
  'files.tree': {
    id: string;
    org_id: string;
    space_id: string;
    home_site: number;
    root_id: string;
    used_bytes: Generated<number>;
    quota_bytes: number | null;
    sent_folder_id: Generated<string | null>;
    created_at: Timestamp;
  };
  'files.node': {
    id: string;
    org_id: string;
    tree_id: string;
    parent_id: string | null;
    rank: 0 | 1;
    name: string;
    name_hash: string;
    sort_key: string;
    words: string;
    bytes: Generated<number>;
    sha256: string | null;
    media_type: Generated<string>;
    version: Generated<number>;
    changed_at: Timestamp;
    changed_by: string | null;
    created_at: Timestamp;
    trashed_at: OptionalTimestamp;
    trashed_by: string | null;
  };
  'files.version': {
    org_id: string;
    node_id: string;
    number: number;
    sha256: string;
    bytes: number;
    media_type: string;
    author_id: string | null;
    written_at: Timestamp;
  };
  'files.star': { org_id: string; person_id: string; node_id: string; at: Timestamp };
  'files.upload': {
    id: string;
    org_id: string;
    tree_id: string;
    folder_id: string;
    person_id: string | null;
    link_id: string | null;
    visit: string | null;
    name: string;
    media_type: string;
    bytes: number;
    node_id: string | null;
    created_at: Timestamp;
  };
}
