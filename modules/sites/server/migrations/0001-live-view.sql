-- What each process says of itself every few seconds. A row holds as long as core.alive(process_id) does. It belongs to the
-- machine, not to an organisation, so it has no org_id, and people's transactions have no right to it.
create table sites.process (
  process_id uuid primary key,
  node text not null check (length(node) between 1 and 255),
  pid integer not null,
  duties text[] not null,
  version text not null check (length(version) <= 64),
  started_at timestamptz not null,
  beat_at timestamptz not null default clock_timestamp(),
  figures jsonb not null
);
grant select, insert, update, delete on sites.process to liaison_system;

-- What is looked at for all processes together, the newest of each kind: standbys, blobs, the last backup.
create table sites.look (
  name text primary key check (length(name) <= 60),
  at timestamptz not null default clock_timestamp(),
  found jsonb not null
);
grant select, insert, update, delete on sites.look to liaison_system;

-- Up to which minute somebody has watched; whoever moves it on counts the minutes in between.
create table sites.watched (
  one boolean primary key default true check (one),
  until timestamptz not null
);
insert into sites.watched (until) values (date_trunc('minute', clock_timestamp()));
grant select, update on sites.watched to liaison_system;

-- For how many minutes of a day (UTC) a part was there and was not; kept for 90 days.
create table sites.part_day (
  part text not null check (length(part) <= 30),
  day date not null,
  up_minutes smallint not null default 0,
  down_minutes smallint not null default 0,
  primary key (part, day)
);
grant select, insert, update, delete on sites.part_day to liaison_system;

-- What was done last to the database is shown to administrators.
grant select on core.migration to liaison_system;
