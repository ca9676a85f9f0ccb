create table chat.conversation (
  id uuid primary key,
  org_id uuid not null,
  space_id uuid not null,
  home_site smallint not null,
  kind text not null check (kind in ('direct', 'team')),
  title text not null check (length(title) <= 200),
  -- Raised in the transaction that writes a message: its row lock gives the conversation its one order.
  last_seq bigint not null default 0,
  last_message_id uuid,
  last_at timestamptz not null default now(),
  archived_at timestamptz,
  created_at timestamptz not null default now()
);
create index conversation_space on chat.conversation (space_id);
select core.protect('chat.conversation');

-- The one direct conversation of two people; the lower id first.
create table chat.direct (
  org_id uuid not null,
  one_id uuid not null,
  other_id uuid not null,
  conversation_id uuid not null,
  primary key (one_id, other_id),
  check (one_id < other_id)
);
select core.protect('chat.direct');

create table chat.message (
  id uuid primary key,
  org_id uuid not null,
  conversation_id uuid not null,
  seq bigint not null,
  version integer not null default 1,
  author_id uuid,
  client_key uuid not null,
  body text not null check (length(body) <= 20000),
  mentions uuid[] not null default '{}',
  thread_id uuid,
  replies integer not null default 0,
  last_reply_at timestamptz,
  repliers uuid[] not null default '{}',
  sent_at timestamptz not null default now(),
  edited_at timestamptz,
  deleted_at timestamptz,
  -- Filled by a reaction, so that sending does not pay for it.
  words tsvector
);
create unique index message_order on chat.message (conversation_id, seq);
create unique index message_once on chat.message (conversation_id, author_id, client_key);
create index message_timeline on chat.message (conversation_id, seq) where thread_id is null;
create index message_thread on chat.message (thread_id, seq) where thread_id is not null;
create index message_author on chat.message (author_id);
create index message_words on chat.message using gin (words);
select core.protect('chat.message');

-- What a message was before each edit.
create table chat.message_version (
  org_id uuid not null,
  message_id uuid not null,
  version integer not null,
  body text not null,
  written_at timestamptz not null,
  primary key (message_id, version)
);
select core.protect('chat.message_version');

create table chat.reaction (
  org_id uuid not null,
  message_id uuid not null,
  person_id uuid not null,
  emoji text not null check (length(emoji) <= 32),
  at timestamptz not null default now(),
  primary key (message_id, person_id, emoji)
);
create index reaction_person on chat.reaction (person_id);
select core.protect('chat.reaction');

create table chat.read_state (
  org_id uuid not null,
  conversation_id uuid not null,
  person_id uuid not null,
  read_seq bigint not null,
  at timestamptz not null default now(),
  primary key (conversation_id, person_id)
);
create index read_state_person on chat.read_state (person_id);
select core.protect('chat.read_state');

create table chat.attachment (
  id uuid primary key,
  org_id uuid not null,
  conversation_id uuid not null,
  uploader_id uuid,
  -- Unset until its message is sent; such a one is deleted after a day.
  message_id uuid,
  place smallint not null default 0,
  name text not null check (length(name) <= 255),
  media_type text not null check (length(media_type) <= 255),
  bytes bigint not null,
  sha256 text not null,
  width integer,
  height integer,
  preview_sha256 text,
  created_at timestamptz not null default now()
);
create index attachment_message on chat.attachment (message_id);
create index attachment_waiting on chat.attachment (created_at) where message_id is null;
select core.protect('chat.attachment');
