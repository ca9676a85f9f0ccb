-- Whose taken times somebody has over her own days.
create table calendar.overlay (
  org_id uuid not null,
  person_id uuid not null,
  colleague_id uuid not null,
  position smallint not null,
  primary key (person_id, colleague_id)
);
create index overlay_colleague on calendar.overlay (colleague_id);
select core.protect('calendar.overlay');
