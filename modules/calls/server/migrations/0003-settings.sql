-- What a person chose about her calls; no row is the default.
create table calls.setting (
  person_id uuid primary key,
  org_id uuid not null,
  -- A second call may wait beside the one she is in.
  call_waiting boolean not null
);
select core.protect('calls.setting');
