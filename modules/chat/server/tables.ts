import type { ColumnType, Generated } from 'kysely';

type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>;
type OptionalTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;

export interface ChatTables {
  'chat.conversation': {
    id: string;
    org_id: string;
    space_id: string;
    home_site: number;
    kind: 'direct' | 'team';
    title: string;
    last_seq: Generated<number>;
    last_message_id: string | null;
    last_at: Timestamp;
    archived_at: OptionalTimestamp;
    created_at: Timestamp;
  };
  'chat.direct': { org_id: string; one_id: string; other_id: string; conversation_id: string };
  'chat.message': {
    id: string;
    org_id: string;
    conversation_id: string;
    seq: number;
    version: Generated<number>;
    author_id: string | null;
    client_key: string;
    body: string;
    mentions: string[];
    thread_id: string | null;
    replies: Generated<number>;
    last_reply_at: OptionalTimestamp;
    repliers: Generated<string[]>;
    sent_at: Timestamp;
    edited_at: OptionalTimestamp;
    deleted_at: OptionalTimestamp;
    deleted_by: string | null;
  };
  'chat.message_version': {
    org_id: string;
    message_id: string;
    version: number;
    body: string;
    written_at: Timestamp;
  };
  'chat.reaction': { org_id: string; message_id: string; person_id: string; emoji: string; at: Timestamp };
  'chat.read_state': {
    org_id: string;
    conversation_id: string;
    person_id: string;
    read_seq: number;
    at: Timestamp;
  };
  'chat.attachment': {
    id: string;
    org_id: string;
    conversation_id: string;
    uploader_id: string | null;
    message_id: string | null;
    place: Generated<number>;
    name: string;
    media_type: string;
    bytes: number;
    sha256: string;
    width: number | null;
    height: number | null;
    preview_sha256: string | null;
    /** The file of the space that it is; none before it is sent, and of those sent before there was one. */
    node_id: Generated<string | null>;
    /** What pages were told last; asking Files says what is so. */
    removed: Generated<boolean>;
    created_at: Timestamp;
  };
}
