-- What was said about a call, for its ladder diagram: redacted before it is written, gone after a week.
create table calls.trace (
  id uuid primary key,
  org_id uuid not null,
  call_id uuid not null,
  at timestamptz not null,
  kind text not null check (kind in ('sip', 'page', 'model')),
  direction text not null check (direction in ('in', 'out', 'none')),
  lane text not null check (length(lane) <= 200),
  title text not null check (length(title) <= 300),
  protocol text,
  peer text,
  body text check (length(body) <= 12000)
);
create index trace_call on calls.trace (call_id, at, id);
create index trace_at on calls.trace (at);
select core.protect('calls.trace');

-- A capture of signalling that an administrator asked for; it ends by itself.
create table calls.capture (
  id uuid primary key,
  org_id uuid not null,
  started_by uuid not null,
  target_kind text not null check (target_kind in ('person', 'device', 'call')),
  target_id uuid not null,
  started_at timestamptz not null default now(),
  until timestamptz not null,
  ended_at timestamptz,
  messages integer not null default 0,
  bytes integer not null default 0,
  -- It would have been larger than what is kept.
  truncated boolean not null default false
);
create index capture_running on calls.capture (until) where ended_at is null;
create index capture_started on calls.capture (org_id, started_at desc, id desc);
select core.protect('calls.capture');

create table calls.capture_message (
  id uuid primary key,
  org_id uuid not null,
  capture_id uuid not null references calls.capture on delete cascade,
  at timestamptz not null,
  direction text not null check (direction in ('in', 'out')),
  protocol text not null,
  local_address text not null,
  local_port integer not null,
  remote_address text not null,
  remote_port integer not null,
  message text not null check (length(message) <= 24000)
);
create index capture_message_capture on calls.capture_message (capture_id, at, id);
select core.protect('calls.capture_message');

-- How long a telephone took to answer when it was asked last.
alter table calls.registration add column round_trip_ms integer;
alter table calls.registration add column round_trip_at timestamptz;
