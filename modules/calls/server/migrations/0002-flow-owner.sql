-- `process_id` is the process that holds the flow; a process that joins again has a new id, so it is an epoch too.
-- `place`: where a datagram flow ends on our side. A process that opens that very socket can go on with it, also after a
-- restart; a stream ends with its process and has no place.
alter table calls.registration add column place text not null default '' check (length(place) <= 300);
-- When its flow was first seen to have no living process; deleted some time later, for the telephone will be back by then.
alter table calls.registration add column orphaned_at timestamptz;
create index registration_process on calls.registration (process_id);
