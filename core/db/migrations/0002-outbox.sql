-- The head of each stream. Updating its row gives the next number and holds the row until commit,
-- so numbers within a stream are dense and in commit order.
create table core.stream (
  stream_id uuid primary key,
  org_id uuid not null,
  head bigint not null
);
select core.protect('core.stream');

create table core.outbox (
  id uuid not null,
  org_id uuid not null,
  stream_id uuid not null,
  seq bigint not null,
  name text not null,
  version smallint not null,
  payload jsonb not null,
  person_id uuid,
  request_id text,
  -- The writing transaction: a reader stops at the oldest one still in flight, so it can never pass one by.
  tx xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  primary key (stream_id, seq)
);
create index outbox_tx on core.outbox (tx, stream_id, seq);
create index outbox_at on core.outbox using brin (at);
select core.protect('core.outbox');

-- Writes a transaction's events in one round trip. Streams are taken in order of their id, so that two transactions
-- that write to the same two streams cannot wait for each other.
-- events: [{ id, org_id, stream_id, name, version, payload, person_id, request_id }, …]; answers (stream_id, seq) pairs.
create function core.emit(events jsonb) returns table (stream_id uuid, seq bigint)
language plpgsql as $$
declare s record; base bigint;
begin
  for s in
    select (e.value->>'stream_id')::uuid as sid, (e.value->>'org_id')::uuid as oid, count(*) as n
    from jsonb_array_elements(events) e group by 1, 2 order by 1
  loop
    insert into core.stream as st (stream_id, org_id, head) values (s.sid, s.oid, s.n)
      on conflict on constraint stream_pkey do update set head = st.head + s.n
      returning st.head - s.n into base;
    return query
      insert into core.outbox as o (id, org_id, stream_id, seq, name, version, payload, person_id, request_id)
      select (e.value->>'id')::uuid, s.oid, s.sid, base + row_number() over (order by e.ordinality),
        e.value->>'name', (e.value->>'version')::smallint, e.value->'payload',
        (e.value->>'person_id')::uuid, e.value->>'request_id'
      from jsonb_array_elements(events) with ordinality e
      where (e.value->>'stream_id')::uuid = s.sid
      returning o.stream_id, o.seq;
  end loop;
end $$;
grant execute on function core.emit(jsonb) to liaison_app, liaison_system;

-- Where each reaction's search for new work has come to: everything of older transactions has been seen.
create table core.reaction_scan (
  reaction text primary key,
  tx xid8 not null,
  stream_id uuid not null,
  seq bigint not null
);
-- Where each reaction is in each stream; a failing one waits here, and is parked in the end.
create table core.reaction_cursor (
  reaction text not null,
  stream_id uuid not null,
  org_id uuid not null,
  seq bigint not null,
  tries smallint not null default 0,
  next_try_at timestamptz,
  parked_at timestamptz,
  error text,
  primary key (reaction, stream_id)
);
create index reaction_cursor_waiting on core.reaction_cursor (reaction, next_try_at) where tries > 0;
grant select, insert, update, delete on core.reaction_scan to liaison_system;
select core.protect('core.reaction_cursor');
