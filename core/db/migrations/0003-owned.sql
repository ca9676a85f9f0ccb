-- A running process and how long it is believed to be alive. It belongs to the machine, not to an organisation, so it
-- has no org_id. The database's clock alone writes and reads `until`.
create table core.process (
  id uuid primary key,
  duties text[] not null,
  host text not null,
  pid integer not null,
  started_at timestamptz not null default clock_timestamp(),
  until timestamptz not null,
  -- Set once, by whichever process found that `until` had passed; such a row never lives again.
  lost_at timestamptz
);
create index process_until on core.process (until) where lost_at is null;
grant select, insert, update, delete on core.process to liaison_system;
grant select (id, until, lost_at) on core.process to liaison_app;

-- Whether a process is alive: what its rows say holds exactly as long as this is true.
create function core.alive(process uuid) returns boolean
language sql stable parallel safe
as $$ select exists (select from core.process p where p.id = process and p.lost_at is null and p.until > clock_timestamp()) $$;
grant execute on function core.alive(uuid) to liaison_app, liaison_system;

-- Epochs come from one sequence, so that they rise for each thing even where its row has been deleted meanwhile.
create sequence core.epoch as bigint cache 1;
grant usage on sequence core.epoch to liaison_system;

-- Which process owns a thing. A row whose process is not alive owns nothing and is deleted in time.
create table core.lease (
  kind text not null check (length(kind) between 1 and 60),
  id text not null check (length(id) between 1 and 200),
  org_id uuid not null,
  process_id uuid not null,
  epoch bigint not null,
  claimed_at timestamptz not null default clock_timestamp(),
  primary key (kind, id)
);
create index lease_process on core.lease (process_id);
select core.protect('core.lease');
revoke insert, update, delete on core.lease from liaison_app;

-- Takes a thing for a process, or says who has it. `epoch` is null when the claim was refused;
-- `owner` is null as well when the claiming process itself is not alive.
create function core.claim(thing_kind text, thing_id text, org uuid, process uuid)
returns table (owner uuid, epoch bigint)
language plpgsql as $$
declare other uuid; risen bigint;
begin
  -- One claim of a thing at a time: the number is drawn after everybody who drew an earlier one is done.
  perform pg_advisory_xact_lock(731004, hashtext(thing_kind || chr(31) || thing_id));
  if not core.alive(process) then
    return query select null::uuid, null::bigint;
    return;
  end if;
  -- A process may take again what it has: it knows what it holds, and a row that it forgot must not lock it out.
  select l.process_id into other from core.lease l
    where l.kind = thing_kind and l.id = thing_id and l.process_id <> process and core.alive(l.process_id);
  if found then
    return query select other, null::bigint;
    return;
  end if;
  risen := nextval('core.epoch');
  insert into core.lease as l (kind, id, org_id, process_id, epoch) values (thing_kind, thing_id, org, process, risen)
    on conflict on constraint lease_pkey
    do update set org_id = excluded.org_id, process_id = excluded.process_id, epoch = excluded.epoch, claimed_at = excluded.claimed_at;
  return query select process, risen;
end $$;
grant execute on function core.claim(text, text, uuid, uuid) to liaison_system;
