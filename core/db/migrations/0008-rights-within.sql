-- small: core.grant, no program before this one wrote any
-- The one answer for what lies inside other things: `around` names them from the outside in, the thing itself last.
--
-- As before, the nearest grant takes the place of the role, and those to the whole organisation, to a link or to everybody only ever
-- widen. Whoever manages a space is not narrowed in it: two managers could lock each other out, and nobody would be left to open.
-- `who` is a person, or a link that somebody came by.
create function core.right_within(who uuid, space uuid, container uuid, around uuid[]) returns smallint
language sql stable parallel safe as $$
  with mine as (
    select g.level,
      case when g.item_id is not null then 2 + array_position(around, g.item_id)
        when g.container_id is not null then 2 else 1 end as depth,
      case g.principal_kind when 'person' then 3 when 'group' then 2 when 'space' then 1 else 0 end as rank
    from core.grant g
    where g.space_id = space
      and (g.until is null or g.until > now())
      and (g.container_id is null or g.container_id = container)
      and (g.item_id is null or g.item_id = any(around))
      and case g.principal_kind
        when 'person' then g.principal_id = who
        when 'link' then g.principal_id = who
        when 'group' then exists (select from core.member m where m.space_id = g.principal_id and m.person_id = who)
        when 'space' then exists (select from core.member m where m.space_id = g.principal_id and m.person_id = who)
        when 'organisation' then exists (select from core.member m where m.space_id = g.org_id and m.person_id = who and m.role <> 'guest')
        when 'public' then true
        else false
      end
  ), mine_by_role as (
    select case m.role when 'guest' then 3 when 'member' then 4 else 5 end as level
    from core.member m where m.space_id = space and m.person_id = who
  )
  select greatest(
    (select level from mine_by_role where level = 5),
    coalesce(
      (select level from mine where rank > 0 order by depth desc, rank desc, level desc limit 1),
      (select level from mine_by_role),
      0),
    coalesce((select max(level) from mine where rank = 0), 0)
  )::smallint
$$;
grant execute on function core.right_within(uuid, uuid, uuid, uuid[]) to liaison_app, liaison_system;

-- The same for one thing that lies in nothing else; written so that it is put in the place of its call.
create or replace function core.right_of(person uuid, space uuid, container uuid, item uuid) returns smallint
language sql stable parallel safe as $$
  select core.right_within(person, space, container, array[item])
$$;

-- One grant for each place and principal, so that another right takes the place of the one before.
create unique index grant_once on core.grant (space_id, container_id, item_id, principal_kind, principal_id) nulls not distinct;
create index grant_item on core.grant (item_id) where item_id is not null;
create index grant_everybody on core.grant (org_id) where principal_id is null;
