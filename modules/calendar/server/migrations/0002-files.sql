-- A file of appointments on its way into a calendar, and what became of it.
create table calendar.import (
  id uuid primary key,
  org_id uuid not null,
  calendar_id uuid not null,
  person_id uuid not null,
  file_name text not null,
  state text not null check (state in ('ready', 'running', 'stopped', 'done', 'failed')),
  -- The file, until all of it was taken.
  file_sha256 text,
  -- In which times without a zone are taken.
  time_zone text not null,
  preview jsonb not null default '[]',
  total integer not null,
  -- Appointments of the file that were looked at: whoever goes on begins after them.
  done integer not null default 0,
  added integer not null default 0,
  changed integer not null default 0,
  unchanged integer not null default 0,
  -- Rows of calendar.occurrence that came of it: a file of series cannot fill the database.
  times integer not null default 0,
  fault_count integer not null default 0,
  faults jsonb not null default '[]',
  created_at timestamptz not null default now()
);
create index import_person on calendar.import (person_id);
create index import_created on calendar.import (created_at);
create index import_calendar on calendar.import (calendar_id);
create index import_content on calendar.import (file_sha256) where file_sha256 is not null;
select core.protect('calendar.import');

-- A secret link by which programs follow a calendar: it shows what its owner may see when it is asked.
create table calendar.feed (
  id uuid primary key,
  org_id uuid not null,
  calendar_id uuid not null,
  person_id uuid not null,
  name text not null default '',
  detail text not null check (detail in ('all', 'busy')),
  -- SHA-256 of the secret, which it is found by; and the secret sealed, so that it can be copied again.
  token_hash text not null,
  sealed_token text not null,
  created_at timestamptz not null default now(),
  read_at timestamptz
);
create unique index feed_token on calendar.feed (token_hash);
create index feed_person on calendar.feed (person_id);
create index feed_calendar on calendar.feed (calendar_id);
select core.protect('calendar.feed');
