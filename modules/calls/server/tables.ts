import type { Flow } from '@liaison/sip';
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { EndReason } from '../contract/index.ts';
import type { CallQuality } from './call-quality.ts';

type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>;
type OptionalId = ColumnType<string | null, string | null | undefined, string | null>;
type OptionalTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;

export interface CallsTables {
  'calls.call': {
    id: string;
    org_id: string;
    home_site: number;
    caller_person_id: string | null;
    callee_person_id: string | null;
    dialled: string;
    caller_text: string | null;
    started_at: Timestamp;
    answered_at: OptionalTimestamp;
    ended_at: OptionalTimestamp;
    reason: EndReason | null;
    missed: Generated<boolean>;
    seen_at: OptionalTimestamp;
    quality: ColumnType<CallQuality | null, string | null | undefined, string | null>;
    transferred_by_person_id: OptionalId;
    transferred_to_person_id: OptionalId;
    returned_from_person_id: OptionalId;
  };
  'calls.setting': { person_id: string; org_id: string; call_waiting: boolean };
  'calls.registration': {
    org_id: string;
    device_id: string;
    person_id: string;
    uri: string;
    process_id: string;
    place: Generated<string>;
    orphaned_at: OptionalTimestamp;
    call_id: string;
    cseq: number;
    q: number;
    params: string;
    instance_id: string | null;
    reg_id: number | null;
    user_agent: string | null;
    flow: JSONColumnType<Flow, string, string>;
    path: Generated<string[]>;
    expires_at: Timestamp;
    registered_at: Timestamp;
  };
}
