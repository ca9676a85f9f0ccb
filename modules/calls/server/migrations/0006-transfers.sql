-- A row is two people who were joined. A transfer ends one row and begins another: who handed the peer over, to whom the
-- peer went from this row, and from whom a call came back that nobody took.
alter table calls.call add column transferred_by_person_id uuid;
alter table calls.call add column transferred_to_person_id uuid;
alter table calls.call add column returned_from_person_id uuid;
-- Looked through when a person is erased.
create index call_transferred_by on calls.call (transferred_by_person_id) where transferred_by_person_id is not null;
create index call_transferred_to on calls.call (transferred_to_person_id) where transferred_to_person_id is not null;
create index call_returned_from on calls.call (returned_from_person_id) where returned_from_person_id is not null;
