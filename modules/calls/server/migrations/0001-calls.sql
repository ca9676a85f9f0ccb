-- One row per call, written when it starts and changed when it is answered and when it ends: the history.
create table calls.call (
  id uuid primary key,
  org_id uuid not null,
  home_site smallint not null,
  caller_person_id uuid,
  callee_person_id uuid,
  -- What was dialled, and who called where that is nobody of ours.
  dialled text not null check (length(dialled) <= 254),
  caller_text text check (length(caller_text) <= 254),
  started_at timestamptz not null default now(),
  answered_at timestamptz,
  ended_at timestamptz,
  reason text,
  -- The callee rang and nobody answered; unset once she looked.
  missed boolean not null default false,
  seen_at timestamptz
);
create index call_caller on calls.call (caller_person_id, started_at desc, id desc);
create index call_callee on calls.call (callee_person_id, started_at desc, id desc);
create index call_missed on calls.call (callee_person_id) where missed and seen_at is null;
create index call_running on calls.call (started_at) where ended_at is null;
select core.protect('calls.call');

-- Where each registered telephone is reached (RFC 3261 §10): one row per contact of a device.
create table calls.registration (
  org_id uuid not null,
  device_id uuid not null,
  person_id uuid not null,
  uri text not null check (length(uri) <= 1000),
  process_id uuid not null,
  call_id text not null check (length(call_id) <= 500),
  cseq bigint not null,
  q real not null,
  params text not null check (length(params) <= 2000),
  instance_id text,
  reg_id integer,
  user_agent text,
  flow jsonb not null,
  expires_at timestamptz not null,
  registered_at timestamptz not null default now(),
  primary key (device_id, uri)
);
create index registration_person on calls.registration (person_id);
create index registration_expires on calls.registration (expires_at);
select core.protect('calls.registration');
