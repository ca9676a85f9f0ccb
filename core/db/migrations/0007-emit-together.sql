-- As before, for many streams at once: transactions that are shared write events of dozens of streams, and going through all
-- of the events again for each stream made that quadratic. Streams are still taken in order of their id.
create or replace function core.emit(events jsonb) returns table (stream_id uuid, seq bigint)
language plpgsql as $$
begin
  return query
    with told as (
      select e.*
      from rows from (jsonb_to_recordset(events) as (id uuid, org_id uuid, stream_id uuid, name text, version smallint,
        payload jsonb, person_id uuid, request_id text))
        with ordinality as e(id, org_id, sid, name, version, payload, person_id, request_id, n)
    ), heads as (
      insert into core.stream as st (stream_id, org_id, head)
      select t.sid, t.org_id, count(*) from told t group by 1, 2 order by 1
      on conflict on constraint stream_pkey do update set head = st.head + excluded.head
      returning st.stream_id as sid, st.head
    )
    insert into core.outbox as o (id, org_id, stream_id, seq, name, version, payload, person_id, request_id)
    select t.id, t.org_id, t.sid,
      h.head - count(*) over (partition by t.sid) + row_number() over (partition by t.sid order by t.n),
      t.name, t.version, t.payload, t.person_id, t.request_id
    from told t join heads h on h.sid = t.sid
    returning o.stream_id, o.seq;
end $$;
