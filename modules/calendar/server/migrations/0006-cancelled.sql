-- What is off, for those who were asked to come: the appointment itself may be gone.
create table calendar.cancelled (
  id uuid primary key,
  org_id uuid not null,
  person_id uuid not null,
  meeting_id uuid not null,
  -- Who called it off.
  actor_id uuid,
  title text not null,
  place text not null,
  -- The first of the times that are off.
  starts_at timestamptz not null,
  cancelled_at timestamptz not null default now()
);
create index cancelled_person on calendar.cancelled (person_id);
create index cancelled_actor on calendar.cancelled (actor_id);
create index cancelled_told on calendar.cancelled (cancelled_at);
select core.protect('calendar.cancelled');
