-- A calendar is a container of a space: several per person and team; a room or thing is one of the organisation's space.
create table calendar.calendar (
  id uuid primary key,
  org_id uuid not null,
  space_id uuid not null,
  home_site smallint not null,
  kind text not null check (kind in ('personal', 'team', 'room', 'equipment')),
  name text not null check (length(name) <= 120),
  colour smallint not null default 0,
  capacity integer,
  -- The one that is made with the space and takes invitations.
  is_first boolean not null default false,
  created_at timestamptz not null default now()
);
create unique index calendar_first on calendar.calendar (space_id) where is_first;
create index calendar_space on calendar.calendar (space_id);
create index calendar_things on calendar.calendar (org_id) where kind in ('room', 'equipment');
select core.protect('calendar.calendar');

-- One appointment in one calendar: the organiser's, and one for everybody and everything invited, as RFC 6638 has it.
create table calendar.event (
  id uuid primary key,
  org_id uuid not null,
  calendar_id uuid not null,
  uid text not null,
  -- The organiser's row; its own id there.
  meeting_id uuid not null,
  organiser_id uuid,
  -- jCal (RFC 7265) of the VEVENTs of this UID, the first is the series; what we do not know is kept.
  components jsonb not null,
  title text not null,
  place text not null,
  time_zone text,
  is_all_day boolean not null,
  is_series boolean not null,
  first_start timestamptz not null,
  -- Null: without end.
  last_end timestamptz,
  -- What of a series stands in calendar.occurrence.
  expanded_from timestamptz not null default '-infinity',
  expanded_until timestamptz not null default 'infinity',
  is_busy boolean not null default true,
  is_cancelled boolean not null default false,
  reminders integer[] not null default '{}',
  colour smallint,
  -- Of whom this calendar is, where this is an invitation.
  answer text check (answer in ('none', 'yes', 'no', 'maybe')),
  people integer not null default 0,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now()
);
create unique index event_uid on calendar.event (calendar_id, uid);
create index event_meeting on calendar.event (meeting_id);
create index event_organiser on calendar.event (organiser_id);
create index event_series on calendar.event (calendar_id, first_start) where is_series;
create index event_window on calendar.event (expanded_until) where is_series;
select core.protect('calendar.event');

-- The times at which appointments take place, within a window that moves on: what every question about time reads.
create table calendar.occurrence (
  org_id uuid not null,
  event_id uuid not null references calendar.event on delete cascade,
  calendar_id uuid not null,
  -- When the rule put it.
  at timestamptz not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  is_all_day boolean not null,
  -- Takes the time: not free, not declined, not off.
  is_busy boolean not null,
  has_reminder boolean not null default false,
  -- Where this one is called otherwise.
  title text,
  place text,
  primary key (event_id, at)
);
create index occurrence_time on calendar.occurrence (calendar_id, starts_at);
create index occurrence_long on calendar.occurrence (calendar_id) where ends_at - starts_at > interval '31 days';
create index occurrence_reminder on calendar.occurrence (starts_at) where has_reminder;
create index occurrence_running on calendar.occurrence (starts_at) where is_busy and not is_all_day;
select core.protect('calendar.occurrence');

create table calendar.participant (
  org_id uuid not null,
  meeting_id uuid not null,
  -- `person:<id>`, `resource:<calendar id>`, `address:<address>`.
  key text not null,
  kind text not null check (kind in ('person', 'address', 'resource')),
  person_id uuid,
  calendar_id uuid,
  address text,
  name text not null default '',
  answer text not null default 'none' check (answer in ('none', 'yes', 'no', 'maybe')),
  word text,
  answered_at timestamptz,
  primary key (meeting_id, key)
);
create index participant_person on calendar.participant (person_id) where person_id is not null;
create index participant_thing on calendar.participant (calendar_id) where calendar_id is not null;
select core.protect('calendar.participant');

create table calendar.working_hours (
  person_id uuid primary key,
  org_id uuid not null,
  days smallint[] not null,
  from_minute smallint not null,
  to_minute smallint not null check (to_minute > from_minute)
);
select core.protect('calendar.working_hours');

-- Told already, so that a job that runs twice reminds once.
create table calendar.reminded (
  org_id uuid not null,
  event_id uuid not null references calendar.event on delete cascade,
  at timestamptz not null,
  minutes integer not null,
  told_at timestamptz not null default now(),
  primary key (event_id, at, minutes)
);
create index reminded_told on calendar.reminded (told_at);
select core.protect('calendar.reminded');

-- Claims of reachability that stand for a running appointment.
create table calendar.running (
  org_id uuid not null,
  person_id uuid not null,
  event_id uuid not null,
  until timestamptz not null,
  primary key (person_id, event_id)
);
select core.protect('calendar.running');
