-- As before, but for its way: a session plans it once, and one that did so while there were few leases read all of them, and the rows that
-- were dead among them, for each claim from then on. Whether somebody has the thing is found where its row is written now, which is by key.
create or replace function core.claim(thing_kind text, thing_id text, org uuid, process uuid)
returns table (owner uuid, epoch bigint)
language plpgsql as $$
declare risen bigint;
begin
  -- One claim of a thing at a time: the number is drawn after everybody who drew an earlier one is done.
  perform pg_advisory_xact_lock(731004, hashtext(thing_kind || chr(31) || thing_id));
  if not core.alive(process) then
    owner := null;
    epoch := null;
    return next;
    return;
  end if;
  risen := nextval('core.epoch');
  loop
    -- A process may take again what it has: it knows what it holds, and a row that it forgot must not lock it out.
    insert into core.lease as l (kind, id, org_id, process_id, epoch) values (thing_kind, thing_id, org, process, risen)
      on conflict on constraint lease_pkey
      do update set org_id = excluded.org_id, process_id = excluded.process_id, epoch = excluded.epoch, claimed_at = excluded.claimed_at
      where l.process_id = excluded.process_id or not core.alive(l.process_id);
    if found then
      owner := process;
      epoch := risen;
      return next;
      return;
    end if;
    select l.process_id into owner from core.lease l where l.kind = thing_kind and l.id = thing_id;
    -- Given back meanwhile: it may be had.
    if found then
      epoch := null;
      return next;
      return;
    end if;
  end loop;
end $$;

-- Gives leases back, each named by its epoch, or whatever a process has of the thing. Planned as claims are: once for each session.
create function core.release(kinds text[], ids text[], processes uuid[], epochs bigint[]) returns void
language plpgsql set enable_seqscan = off as $$
begin
  delete from core.lease l
  using unnest(kinds, ids, processes, epochs) as t(kind, id, process_id, epoch)
  where l.kind = t.kind and l.id = t.id and l.process_id = t.process_id and (t.epoch is null or l.epoch = t.epoch);
end $$;
grant execute on function core.release(text[], text[], uuid[], bigint[]) to liaison_system;
