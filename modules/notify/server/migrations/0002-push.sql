-- A browser that may be pushed to while its page is closed (RFC 8030). It ends with the session that made it.
create table notify.subscription (
  id uuid primary key,
  org_id uuid not null,
  person_id uuid not null,
  session_id text not null check (length(session_id) <= 200),
  -- SHA-256 of the endpoint, which may be long: one browser is one subscription, whoever is signed in there.
  endpoint_hash bytea not null,
  -- Endpoint and keys: whoever has them can push to the browser.
  sealed text not null,
  browser text check (length(browser) <= 100),
  created_at timestamptz not null default now(),
  last_pushed_at timestamptz
);
create index subscription_person on notify.subscription (person_id, created_at desc);
create index subscription_endpoint on notify.subscription (endpoint_hash);
create index subscription_session on notify.subscription (session_id);
select core.protect('notify.subscription');

-- What a person's browsers were asked to show and may still show: withdrawn when it is read.
create table notify.shown (
  org_id uuid not null,
  person_id uuid not null,
  group_id uuid not null,
  tag text not null check (length(tag) <= 200),
  at timestamptz not null default now(),
  primary key (person_id, group_id)
);
create index shown_age on notify.shown (org_id, at);
select core.protect('notify.shown');

-- When nothing is pushed, and when the digest comes.
create table notify.times (
  person_id uuid primary key,
  org_id uuid not null,
  -- `timesSchema` of the contract.
  chosen jsonb not null
);
select core.protect('notify.times');
