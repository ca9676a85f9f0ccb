-- A capture of a call may hold the headers of its RTP packets beside its SIP messages; never what is said in them.
alter table calls.capture add column rtp_headers boolean not null default false;
alter table calls.capture add column packets integer not null default 0;

-- As they were fetched from the relay, some hundreds to a row.
create table calls.capture_packets (
  id uuid primary key,
  org_id uuid not null,
  capture_id uuid not null references calls.capture on delete cascade,
  at timestamptz not null,
  packets jsonb not null
);
create index capture_packets_capture on calls.capture_packets (capture_id, at, id);
select core.protect('calls.capture_packets');
