-- The spaces in which somebody may read something, and what of each: `only` where she was let in to parts of it, `closed` and
-- `opened` where parts were closed to her. It never leaves out what she may read; whether she may is asked of each thing later.
-- What everybody may do closes nothing to those who may do more (times that the organisation sees, for instance), and what lies in
-- no container is not closed with one.
create function search.scope_of(who uuid) returns table (space_id uuid, letters text, "only" text, closed uuid[], opened uuid[])
language sql stable
as $$
  with mine as (
    select m.space_id, m.role, m.joined_at from core.member m
    where m.person_id = who and m.org_id = core.current_org()
  ), granted as (
    select g.space_id, coalesce(g.item_id, g.container_id) as place, g.level, g.principal_kind = 'link' as widens from core.grant g
    where g.org_id = core.current_org() and g.principal_id = who
      and (g.level >= 2 or g.principal_kind <> 'link') and (g.until is null or g.until > now())
    union all
    select g.space_id, coalesce(g.item_id, g.container_id), g.level, false
    from mine join core.grant g on g.principal_id = mine.space_id and g.principal_kind in ('group', 'space')
    where g.org_id = core.current_org() and (g.until is null or g.until > now())
    union all
    select g.space_id, coalesce(g.item_id, g.container_id), g.level, true from core.grant g
    -- What is granted to everybody only ever widens.
    where g.org_id = core.current_org() and g.principal_id is null and g.level >= 2 and (g.until is null or g.until > now())
      and (g.principal_kind = 'public' or exists (select from mine where mine.space_id = g.org_id and mine.role <> 'guest'))
  ), by_space as (
    select g.space_id,
      coalesce(bool_or(g.place is null and g.level >= 2), false) as is_opened,
      coalesce(bool_or(g.place is null and g.level < 2), false) as is_closed,
      array_agg(distinct g.place) filter (where g.place is not null and g.level >= 2) as opened,
      -- Where everybody may read the whole space nothing in it is closed to anybody.
      case when not coalesce(bool_or(g.place is null and g.level >= 2 and g.widens), false)
        then array_agg(distinct g.place) filter (where g.place is not null and g.level < 2) end as closed
    from granted g group by g.space_id
  )
  select m.space_id, search.letters_of(m.space_id),
    case when b.is_closed and not b.is_opened and m.role not in ('manager', 'owner')
      then coalesce((select string_agg(quote_literal(search.place_word(p)), ' | ') from unnest(b.opened) as p), '''=''') end,
    case when m.role not in ('manager', 'owner') then b.closed end, b.opened
  from (select * from mine order by mine.joined_at desc limit 2000) m left join by_space b on b.space_id = m.space_id
  union all
  select b.space_id, search.letters_of(b.space_id),
    case when not b.is_opened
      then (select string_agg(quote_literal(search.place_word(p)), ' | ') from unnest(b.opened[1:500]) as p) end,
    b.closed, b.opened
  from (
    select * from by_space where (is_opened or opened is not null)
      and not exists (select from mine where mine.space_id = by_space.space_id)
    order by by_space.space_id desc limit 1000
  ) b
$$;

-- Best first, the documents that match and that somebody may read: the one way to them. It runs as the owner, whom row-level
-- security shows every organisation, because an index of words serves nobody else (their operator is not leakproof); so it
-- names the organisation itself, at each table.
--
-- `question` is a query in which ~ stands for the letters of a space, `in_title` the same for titles, `as_written` without stems.
-- In spaces that are `named` it is `question_there` and `title_there`, which ask for no place any more.
-- What matches is looked for among the asker's newest 3,000 documents first, by two indexes that meet before a document is read: where
-- that gives the newest 1,000 that match, nobody reads thousands of older ones to throw them away.
-- Of each of the two the newest 1,000 are looked at, and rights are asked from the best down until a page is full. Words are
-- unpacked of these alone, and not of long texts: how they are written only parts equals.
create function search.find(
  who uuid, question text, in_title text, as_written text, wanted text[], named uuid[], question_there text, title_there text,
  before timestamptz, after timestamptz, as_of timestamptz, below float8, below_key text, most integer
) returns table (
  kind text, id text, space_id uuid, title text, text text, container text, person_ids uuid[], at timestamptz, path text,
  score float8, key text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
declare
  org uuid := core.current_org();
  is_guest boolean := not exists (
    select from core.member m where m.space_id = org and m.person_id = who and m.role <> 'guest');
  seen text[];
  recent timestamptz;
  -- What is the same for every candidate is written once.
  whole text := ' ' || array_to_string(wanted, ' ') || ' ';
  begun text := ' ' || array_to_string(wanted, ' ') || '%';
  as_words text[] := array(select '% ' || w || ' %' from unnest(wanted) as w);
  as_beginnings text[] := array(select '% ' || w || '%' from unnest(wanted) as w);
begin
  if is_guest then
    seen := array(
      select b.person_id::text from core.member a join core.member b on b.space_id = a.space_id
      where a.person_id = who and a.space_id <> org and a.org_id = org union select who::text);
  end if;
  with mine as materialized (select s.space_id from search.scope_of(who) s)
  select case when count(*) >= 3000 then min(n.at) end into recent from (
    select d.at from mine cross join lateral (
      select d.at from search.document d
      where d.org_id = org and d.space_id = mine.space_id and d.at < coalesce(before, 'infinity')
      order by d.at desc limit (select greatest(5, 6000 / greatest(count(*), 1)) from mine)
    ) d order by d.at desc limit 3000
  ) n;
  return query
  with scope as materialized (
    select s.*,
      replace(case when s.space_id = any(named) then question_there else question end, '~', s.letters)::tsquery
        && coalesce(s."only"::tsquery, ''::tsquery) as asked,
      replace(case when s.space_id = any(named) then title_there else in_title end, '~', s.letters)::tsquery
        && coalesce(s."only"::tsquery, ''::tsquery) as asked_of_titles,
      replace(as_written, '~', s.letters)::tsquery as asked_as_written
    from search.scope_of(who) s
  ), newest as (
    select c.kind, c.id, c.space_id, c.container_id, c.around, c.title_words, c.at,
      case when pg_column_size(c.words) > 20000 then true else c.words @@ c.asked_as_written end as is_as_written
    from (select f.* from scope s cross join lateral (
      select d.kind, d.id, d.space_id, d.container_id, d.around, d.title_words, d.at, d.words, s.asked_as_written
      from search.document d
      where recent is not null and d.at >= recent and d.words @@ s.asked
        and d.org_id = org and d.space_id = s.space_id
        and (d.at < before or before is null) and (d.at >= after or after is null)
        and (s.closed is null or not (d.around && s.closed or coalesce(d.container_id = any(s.closed), false))
          or d.around && s.opened or d.container_id = any(s.opened))
        and (not (is_guest and d.is_person) or d.id = any(seen))
      order by d.at desc limit 1000
    ) f order by f.at desc limit 1000) c
  ), found as (
    select * from newest where (select count(*) from newest) >= 1000
    union all
    (
    select c.kind, c.id, c.space_id, c.container_id, c.around, c.title_words, c.at,
      case when pg_column_size(c.words) > 20000 then true else c.words @@ c.asked_as_written end as is_as_written
    from (select f.* from scope s cross join lateral (
      select d.kind, d.id, d.space_id, d.container_id, d.around, d.title_words, d.at, d.words, s.asked_as_written
      from search.document d
      where (select count(*) from newest) < 1000 and d.words @@ s.asked
        and d.org_id = org and d.space_id = s.space_id
        and (d.at < before or before is null) and (d.at >= after or after is null)
        and (s.closed is null or not (d.around && s.closed or coalesce(d.container_id = any(s.closed), false))
          or d.around && s.opened or d.container_id = any(s.opened))
        and (not (is_guest and d.is_person) or d.id = any(seen))
      order by d.at desc limit 1000
    ) f order by f.at desc limit 1000) c
    )
  ), titled as (
    select c.kind, c.id, c.space_id, c.container_id, c.around, c.title_words, c.at,
      case when pg_column_size(c.words) > 20000 then true else c.words @@ c.asked_as_written end as is_as_written
    from (select f.* from scope s cross join lateral (
      select d.kind, d.id, d.space_id, d.container_id, d.around, d.title_words, d.at, d.words, s.asked_as_written
      from search.document d
      where (select count(*) from found) >= 1000
        and d.words @@ s.asked_of_titles
        and d.org_id = org and d.space_id = s.space_id
        and (d.at < before or before is null) and (d.at >= after or after is null)
        and (s.closed is null or not (d.around && s.closed or coalesce(d.container_id = any(s.closed), false))
          or d.around && s.opened or d.container_id = any(s.opened))
        and (not (is_guest and d.is_person) or d.id = any(seen))
      order by d.at desc limit 1000
    ) f where in_title is not null order by f.at desc limit 1000) c
  ), scored as (
    select c.*, c.kind || ' ' || c.id as key,
      -- A name that is what was typed, then titles with its words, then what is written as it was typed; of equals the nearest in time.
      ((case when c.title_words = ' ' then 0 else
          case when c.title_words = whole then 3 else 0 end
          + case when c.title_words like begun then 1 else 0 end
          + coalesce((select 3 * avg(case when c.title_words like as_words[nth] then 1.0::float8
              when c.title_words like as_beginnings[nth] then 0.6::float8 else 0 end) from generate_subscripts(wanted, 1) as nth), 0)
        end)
        + case when c.is_as_written then 1 else 0 end
        + 2 / (1 + abs(date_part('epoch', as_of - c.at)) / 2592000))::float8 as score
    from (
      select * from found
      union all
      select * from titled t where not exists (select from found f where f.kind = t.kind and f.id = t.id)
    ) c
  ), best as (
    select * from scored c where below is null or (c.score, c.key) < (below, below_key)
    order by c.score desc, c.key desc limit 2000
  ), readable as (
    select * from best c
    where core.right_within(who, c.space_id, c.container_id, c.around) >= 2
    order by c.score desc, c.key desc limit most
  )
  select d.kind, d.id, d.space_id, d.title, left(d.text, 16000), d.container, d.person_ids, d.at, d.path, r.score, r.key
  from readable r join search.document d on d.org_id = org and d.kind = r.kind and d.id = r.id
  order by r.score desc, r.key desc;
end $$;

-- Words that begin with three or four letters as given (without the letters of a space), of the newest 600 documents in which one
-- does: short ones first, until two megabytes of words were taken apart. They are never told to anybody: they are looked for, and what
-- is found by them is asked for its rights like everything else. Each beginning is a look into each space, so of many beginnings only
-- the spaces that were joined last are looked at.
create function search.words_like(who uuid, question text, beginnings text[]) returns table (word text, documents bigint)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
as $$
declare
  org uuid := core.current_org();
  is_guest boolean := not exists (
    select from core.member m where m.space_id = org and m.person_id = who and m.role <> 'guest');
begin
  return query
  with newest as (
    select f.*, sum(pg_column_size(f.words)) over (order by pg_column_size(f.words) > 20000, f.at desc, f.kind, f.id) as bytes
    from (
      select f.* from (select * from search.scope_of(who) limit greatest(100, 14000 / cardinality(beginnings))) s cross join lateral (
        select d.kind, d.id, d.words, s.letters, d.at from search.document d
        where d.words @@ (case when s."only" is null then replace(question, '~', s.letters)::tsquery
            else replace(question, '~', s.letters)::tsquery && s."only"::tsquery end)
          and d.org_id = org and d.space_id = s.space_id and not (is_guest and d.is_person)
          and (s.closed is null or not (d.around && s.closed or coalesce(d.container_id = any(s.closed), false))
            or d.around && s.opened or d.container_id = any(s.opened))
        order by d.at desc limit 300
      ) f order by f.at desc limit 600
    ) f
  )
  select substr(l, 7) as word, count(*) from newest f, unnest(tsvector_to_array(f.words)) as l
  where f.bytes < 2000000 and (substr(l, 7, 3) = any(beginnings) or substr(l, 7, 4) = any(beginnings)) and starts_with(l, f.letters)
  group by 1 order by 2 desc limit 2000;
end $$;

revoke execute on function search.find(uuid, text, text, text, text[], uuid[], text, text, timestamptz, timestamptz, timestamptz, float8, text, integer),
  search.words_like(uuid, text, text[]), search.scope_of(uuid) from public;
grant execute on function search.find(uuid, text, text, text, text[], uuid[], text, text, timestamptz, timestamptz, timestamptz, float8, text, integer),
  search.words_like(uuid, text, text[]) to liaison_app, liaison_system;
