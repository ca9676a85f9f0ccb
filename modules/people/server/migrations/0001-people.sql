-- Typing errors in names are found by trigrams; the extension is trusted, so its owner needs no superuser.
create extension if not exists pg_trgm with schema public;

create table people.organisation (
  -- Equal to org_id and to the id of the organisation's own space.
  id uuid primary key,
  org_id uuid not null check (org_id = id),
  name text not null check (length(name) <= 200),
  domain text not null,
  -- Digest realm of its SIP devices. Never changed: every device's HA1 is bound to it.
  realm text not null,
  languages text[] not null,
  time_zone text not null,
  require_second_factor boolean not null default false,
  home_site smallint not null,
  created_at timestamptz not null default now()
);
create index organisation_realm on people.organisation (realm);
create index organisation_domain on people.organisation (domain);
select core.protect('people.organisation');

-- Unique are ids alone: addresses and extensions are reserved by core.names, so that the table can be replicated.
create table people.person (
  id uuid primary key,
  org_id uuid not null,
  -- Rises with every change that a face shows.
  version integer not null default 1,
  address text not null,
  name text not null check (length(name) <= 200),
  -- The name folded (accents and case away): what lists are ordered by.
  sort_name text collate "C" not null,
  extension text,
  title text,
  office text,
  time_zone text not null,
  language text not null check (language in ('fr', 'en', 'es', 'pt')),
  bio text,
  speaks text[] not null default '{}',
  -- SHA-256 of the photo's blob.
  photo text,
  status text not null check (status in ('active', 'invited', 'suspended', 'erased')),
  personal_space_id uuid not null,
  home_site smallint not null,
  created_at timestamptz not null default now(),
  joined_at timestamptz
);
create index person_name on people.person (org_id, sort_name, id);
create index person_address on people.person (org_id, address);
create index person_extension on people.person (org_id, extension) where extension is not null;
create index person_photo on people.person (photo) where photo is not null;
select core.protect('people.person');

create table people.number (
  org_id uuid not null,
  person_id uuid not null,
  e164 text not null,
  label text not null,
  position smallint not null,
  primary key (person_id, e164)
);
create index number_e164 on people.number (org_id, e164);
select core.protect('people.number');

-- Folded words that a person is found by: of her name, her address, her extension and numbers. A range over the index
-- answers a prefix; LIKE could not use an index here, because row-level security lets only leakproof operators pass.
create table people.word (
  org_id uuid not null,
  word text collate "C" not null check (length(word) <= 80),
  person_id uuid not null,
  primary key (org_id, word, person_id)
);
create index word_person on people.word (person_id);
select core.protect('people.word');

create table people.invitation (
  id uuid primary key,
  org_id uuid not null,
  person_id uuid not null,
  purpose text not null check (purpose in ('join', 'renew')),
  token_hash text not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz
);
create index invitation_token on people.invitation (token_hash);
create index invitation_person on people.invitation (person_id);
create index invitation_newest on people.invitation (org_id, id desc);
select core.protect('people.invitation');

create table people.device (
  id uuid primary key,
  org_id uuid not null,
  person_id uuid not null,
  kind text not null check (kind in ('sip')),
  name text not null check (length(name) <= 200),
  username text not null,
  -- Sealed by core.secrets, with the device's id in the context.
  ha1_md5 text not null,
  ha1_sha256 text not null,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz,
  last_address text,
  user_agent text,
  revoked_at timestamptz
);
create index device_username on people.device (org_id, username) where revoked_at is null;
create index device_person on people.device (person_id);
select core.protect('people.device');

create table people.import (
  id uuid primary key,
  org_id uuid not null,
  created_by uuid not null,
  file_name text not null,
  region text,
  state text not null check (state in ('validated', 'running', 'done', 'cancelled')),
  lines integer not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create index import_newest on people.import (org_id, created_at desc);
select core.protect('people.import');

create table people.import_line (
  import_id uuid not null,
  org_id uuid not null,
  line integer not null,
  state text not null check (state in ('accepted', 'created', 'refused')),
  -- What an accepted line says, parsed; what is wrong with a refused one.
  content jsonb not null,
  person_id uuid,
  primary key (import_id, line)
);
create index import_line_state on people.import_line (import_id, state, line);
select core.protect('people.import_line');
