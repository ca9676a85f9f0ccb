-- The organisation that the transaction named with SET LOCAL liaison.org; an error when it named none,
-- so that a forgotten scope fails loudly instead of showing nothing.
create function core.current_org() returns uuid language sql stable parallel safe
  as $$ select current_setting('liaison.org')::uuid $$;

-- Row-level security as every tenant table has it: forced, so that it holds for the owner too.
-- Call it once in the migration that creates the table; the table needs a column org_id.
create function core.protect(t regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy organisation on %s to liaison_app using (org_id = core.current_org()) with check (org_id = core.current_org())', t);
  execute format('create policy system on %s to liaison_system using (true) with check (true)', t);
  -- The owner itself may fill tables in a migration.
  execute format('create policy owner on %s to liaison_owner using (true) with check (true)', t);
  execute format('grant select, insert, update, delete on %s to liaison_app, liaison_system', t);
end $$;

create table core.space (
  id uuid primary key,
  org_id uuid not null,
  kind text not null,
  name text not null check (length(name) <= 200),
  archived_at timestamptz,
  home_site smallint not null,
  created_at timestamptz not null default now()
);
create index space_org on core.space (org_id, kind);
select core.protect('core.space');

create table core.member (
  org_id uuid not null,
  space_id uuid not null,
  person_id uuid not null,
  role text not null check (role in ('guest', 'member', 'manager', 'owner')),
  joined_at timestamptz not null default now(),
  primary key (space_id, person_id)
);
create index member_person on core.member (person_id, space_id);
select core.protect('core.member');

create table core.grant (
  id uuid primary key,
  org_id uuid not null,
  space_id uuid not null,
  container_id uuid,
  item_id uuid,
  principal_kind text not null check (principal_kind in ('person', 'group', 'space', 'organisation', 'link', 'public')),
  principal_id uuid,
  level smallint not null check (level between 0 and 5),
  until timestamptz,
  created_at timestamptz not null default now(),
  check ((principal_id is null) = (principal_kind in ('organisation', 'public')))
);
create index grant_space on core.grant (space_id);
create index grant_principal on core.grant (principal_id) where principal_id is not null;
select core.protect('core.grant');

-- The one answer to "what may this person do here", 0 (nothing) to 5 (manage).
--
-- The role in the space gives the start. Among the grants to the person, to groups and spaces she belongs to, the most
-- specific one (item before container before space, then person before group before space) takes the role's place:
-- it may widen or narrow. Grants to the whole organisation, to a link or to everybody only ever widen.
create function core.right_of(person uuid, space uuid, container uuid, item uuid) returns smallint
language sql stable parallel safe as $$
  with mine as (
    select g.level, g.principal_kind,
      case when g.item_id is not null then 3 when g.container_id is not null then 2 else 1 end as depth,
      case g.principal_kind when 'person' then 3 when 'group' then 2 when 'space' then 1 else 0 end as rank
    from core.grant g
    where g.space_id = space
      and (g.until is null or g.until > now())
      and (g.container_id is null or g.container_id = container)
      and (g.item_id is null or g.item_id = item)
      and case g.principal_kind
        when 'person' then g.principal_id = person
        when 'group' then exists (select from core.member m where m.space_id = g.principal_id and m.person_id = person)
        when 'space' then exists (select from core.member m where m.space_id = g.principal_id and m.person_id = person)
        when 'organisation' then exists (select from core.member m where m.space_id = g.org_id and m.person_id = person and m.role <> 'guest')
        when 'public' then true
        else false
      end
  )
  select greatest(
    coalesce(
      (select level from mine where rank > 0 order by depth desc, rank desc, level desc limit 1),
      (select case m.role when 'guest' then 3 when 'member' then 4 else 5 end
         from core.member m where m.space_id = space and m.person_id = person),
      0),
    coalesce((select max(level) from mine where rank = 0), 0)
  )::smallint
$$;
grant execute on function core.right_of(uuid, uuid, uuid, uuid), core.current_org() to liaison_app, liaison_system;
