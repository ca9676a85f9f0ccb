-- Names that are taken. `scope` is the organisation for what is unique within one, and the nil UUID for what is unique
-- over all; the primary key is the only uniqueness, because tables that are copied between sites may have no other.
create table core.name (
  kind text not null check (kind in ('address', 'domain', 'handle', 'extension')),
  scope uuid not null,
  name text not null check (length(name) between 1 and 254),
  org_id uuid not null,
  holder_id uuid not null,
  reserved_at timestamptz not null default now(),
  primary key (kind, scope, name),
  check (scope = case when kind in ('address', 'domain') then '00000000-0000-0000-0000-000000000000' else org_id end)
);
create index name_holder on core.name (holder_id);
select core.protect('core.name');
-- Names are taken through core.reserve_name alone, which sees those of other organisations too.
revoke insert, update on core.name from liaison_app;

-- Takes a name. It answers `reserved`, `taken` (by anybody else, anywhere) or `elsewhere` (the organisation's home is
-- another site, which alone may decide), and nothing more: whose name it is stays unsaid.
-- It runs as its owner, who sees every row; a caller that serves one organisation can reserve for that one only.
create function core.reserve_name(name_kind text, wanted text, holder uuid, org uuid, site smallint) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  owned_scope uuid := case when name_kind in ('address', 'domain') then '00000000-0000-0000-0000-000000000000' else org end;
begin
  if session_user = 'liaison_app' and org is distinct from core.current_org() then
    raise exception 'a name can be reserved for the organisation of the transaction only' using errcode = '42501';
  end if;
  if exists (select from core.space s where s.id = org and s.kind = 'organisation' and s.home_site <> site) then
    return 'elsewhere';
  end if;
  insert into core.name (kind, scope, name, org_id, holder_id) values (name_kind, owned_scope, wanted, org, holder)
    on conflict on constraint name_pkey do nothing;
  if found then return 'reserved'; end if;
  -- A statement of its own, so that it sees what a rival that we waited for has committed.
  if exists (
    select from core.name n
    where n.kind = name_kind and n.scope = owned_scope and n.name = wanted and n.org_id = org and n.holder_id = holder
  ) then return 'reserved'; end if;
  return 'taken';
end $$;
revoke execute on function core.reserve_name(text, text, uuid, uuid, smallint) from public;
grant execute on function core.reserve_name(text, text, uuid, uuid, smallint) to liaison_app, liaison_system;
