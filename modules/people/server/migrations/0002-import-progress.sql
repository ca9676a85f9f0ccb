-- A long list is checked by a job, piece by piece: the file waits here until that is done.
alter table people.import
  add column file bytea,
  add column checked integer not null default 0,
  add column accepted integer not null default 0,
  add column refused integer not null default 0,
  -- Of the accepted lines, those that became people, and those that could not.
  add column created integer not null default 0,
  add column failed integer not null default 0;
alter table people.import drop constraint import_state_check;
alter table people.import add constraint import_state_check
  check (state in ('checking', 'validated', 'running', 'done', 'cancelled'));

-- The counts were made anew at every look before.
update people.import i set checked = i.lines, accepted = c.accepted, refused = c.refused, created = c.created, failed = c.failed
from (
  select import_id, count(*) filter (where state <> 'refused' or content ? 'failed') as accepted,
    count(*) filter (where state = 'refused' and not content ? 'failed') as refused,
    count(*) filter (where state = 'created') as created,
    count(*) filter (where state = 'refused' and content ? 'failed') as failed
  from people.import_line group by import_id
) c where c.import_id = i.id;
