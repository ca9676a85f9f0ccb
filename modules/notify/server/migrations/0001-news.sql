-- The id of a group of somebody's news, made of both, so that whoever writes need not look it up (RFC 9562 §5.8).
create function notify.group_of(person uuid, key text) returns uuid language sql immutable parallel safe
  as $$ select overlay(overlay(md5(person::text || ' ' || key) placing '8' from 13) placing '8' from 17)::uuid $$;
grant execute on function notify.group_of(uuid, text) to liaison_app, liaison_system;

-- What somebody is told of. Its words are not here: they are read where they are, when she looks.
create table notify.news (
  id uuid primary key,
  org_id uuid not null,
  person_id uuid not null,
  kind text not null check (length(kind) <= 102),
  item text not null check (length(item) <= 200),
  group_id uuid not null,
  group_key text not null check (length(group_key) <= 200),
  -- Where it lies: who may not read there any more does not see it. Unset where it is the person's own.
  space_id uuid,
  container_id uuid,
  around uuid[] not null default '{}',
  actor_id uuid,
  needs_me boolean not null,
  at timestamptz not null,
  place_in_group bigint not null default 0,
  read_at timestamptz,
  -- It waits for the next digest, and is in no list until then.
  waits boolean not null default false,
  -- The digest that gathers it.
  digest_id uuid,
  -- To be pushed, and not handed on yet.
  push_due boolean not null default false
);
create unique index news_once on notify.news (person_id, item);
create index news_newest on notify.news (person_id, at desc, id desc);
create index news_unread on notify.news (person_id, group_id) where read_at is null;
create index news_waiting on notify.news (person_id) where waits;
create index news_digest on notify.news (digest_id, at desc, id desc) where digest_id is not null;
create index news_item on notify.news (org_id, item);
create index news_space on notify.news (space_id);
create index news_actor on notify.news (actor_id);
create index news_age on notify.news (org_id, at);
select core.protect('notify.news');

-- What somebody chose: for a kind, for a space or something in it, or for a kind there. Unset is every one.
create table notify.preference (
  org_id uuid not null,
  person_id uuid not null,
  space_id uuid,
  container_id uuid,
  kind text check (length(kind) <= 102),
  chosen text not null check (chosen in ('now', 'digest', 'never')),
  check (container_id is null or space_id is not null),
  check (space_id is not null or kind is not null)
);
create unique index preference_once on notify.preference (person_id, space_id, container_id, kind) nulls not distinct;
create index preference_org on notify.preference (org_id, kind);
select core.protect('notify.preference');

-- Of the whole installation: what happened before this module was there rings for nobody, and the key that signs what is
-- pushed (RFC 8292), sealed. Not for organisations: they have no right to it.
create table notify.installation (
  only_one boolean primary key default true check (only_one),
  since timestamptz not null default now(),
  public_key text,
  sealed_private_key text
);
insert into notify.installation default values;
grant select, update on notify.installation to liaison_system;
