-- What an invited person answered to one time of a series otherwise than to the rest of it; `none` where that one was asked again.
create table calendar.time_answer (
  org_id uuid not null,
  -- Her own copy of the appointment.
  event_id uuid not null references calendar.event on delete cascade,
  meeting_id uuid not null,
  person_id uuid not null,
  -- When the rule put it.
  at timestamptz not null,
  answer text not null check (answer in ('none', 'yes', 'no', 'maybe')),
  word text,
  answered_at timestamptz,
  primary key (event_id, at)
);
create index time_answer_meeting on calendar.time_answer (meeting_id);
create index time_answer_person on calendar.time_answer (person_id);
select core.protect('calendar.time_answer');

-- Null: as the series was answered.
alter table calendar.occurrence add column answer text;
