import type { CoreTables } from '@liaison/core/db';
import type { ColumnType, Generated } from 'kysely';
import type { Language, PersonStatus, PhoneNumber } from '../contract/index.ts';

type Timestamp = ColumnType<Date, Date | undefined, Date>;
type NullableTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>;

export interface OrganisationTable {
  id: string;
  org_id: string;
  name: string;
  domain: string;
  realm: string;
  languages: Language[];
  time_zone: string;
  require_second_factor: Generated<boolean>;
  team_makers: Generated<'members' | 'managers'>;
  home_site: number;
  created_at: Timestamp;
}

export interface PersonTable {
  id: string;
  org_id: string;
  version: Generated<number>;
  address: string;
  name: string;
  sort_name: string;
  extension: string | null;
  title: string | null;
  office: string | null;
  time_zone: string;
  language: Language;
  bio: string | null;
  speaks: Generated<string[]>;
  photo: string | null;
  status: PersonStatus | 'erased';
  personal_space_id: string;
  home_site: number;
  created_at: Timestamp;
  joined_at: NullableTimestamp;
}

export interface NumberTable {
  org_id: string;
  person_id: string;
  e164: string;
  label: PhoneNumber['label'];
  position: number;
}

export interface WordTable {
  org_id: string;
  word: string;
  person_id: string;
}

export interface AliasTable {
  org_id: string;
  address: string;
  person_id: string;
  created_at: Timestamp;
}

export interface VocabularyTable {
  org_id: string;
  word: string;
}

export interface InvitationTable {
  id: string;
  org_id: string;
  person_id: string;
  purpose: 'join' | 'renew';
  token_hash: string;
  created_by: string | null;
  created_at: Timestamp;
  expires_at: Date;
  accepted_at: NullableTimestamp;
  revoked_at: NullableTimestamp;
}

export interface DeviceTable {
  id: string;
  org_id: string;
  person_id: string;
  kind: 'sip';
  name: string;
  username: string;
  ha1_md5: string;
  ha1_sha256: string;
  userhash: string | null;
  created_at: Timestamp;
  last_seen_at: NullableTimestamp;
  last_address: string | null;
  user_agent: string | null;
  revoked_at: NullableTimestamp;
}

export interface ImportTable {
  id: string;
  org_id: string;
  created_by: string;
  file_name: string;
  region: string | null;
  state: 'checking' | 'validated' | 'running' | 'done' | 'cancelled';
  lines: number;
  /** The list itself while it waits to be checked. */
  file: Buffer | null;
  checked: Generated<number>;
  accepted: Generated<number>;
  refused: Generated<number>;
  created: Generated<number>;
  failed: Generated<number>;
  created_at: Timestamp;
  finished_at: NullableTimestamp;
}

export interface ImportLineTable {
  import_id: string;
  org_id: string;
  line: number;
  state: 'accepted' | 'created' | 'refused';
  /** `ParsedLine` or `LineFaults`, by state. */
  content: ColumnType<unknown, string, string>;
  person_id: string | null;
}

export interface PeopleTables extends CoreTables {
  'people.organisation': OrganisationTable;
  'people.person': PersonTable;
  'people.number': NumberTable;
  'people.alias': AliasTable;
  'people.word': WordTable;
  'people.vocabulary': VocabularyTable;
  'people.invitation': InvitationTable;
  'people.device': DeviceTable;
  'people.import': ImportTable;
  'people.import_line': ImportLineTable;
}
