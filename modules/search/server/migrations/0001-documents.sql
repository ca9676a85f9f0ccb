-- What people wrote, as it is found again: made of the sources of the modules, and made again from them at any time.
create table search.document (
  org_id uuid not null,
  kind text collate "C" not null,
  id text collate "C" not null,
  space_id uuid not null,
  container_id uuid,
  -- What it lies in from the outside in, itself last where it has rights of its own: as `core.right_within` asks.
  around uuid[] not null default '{}',
  -- A guest is shown those whom she meets alone.
  is_person boolean not null default false,
  title text not null,
  -- The words of the title, folded, with a space before, between and after them.
  title_words text collate "C" not null,
  text text not null,
  container text not null,
  person_ids uuid[] not null default '{}',
  at timestamptz not null,
  path text not null,
  -- Its words behind the letters of its space: see `search.words_of`.
  words tsvector not null,
  -- Of all of the above: what did not change is not written again.
  fingerprint text collate "C" not null,
  primary key (org_id, kind, id)
);
select core.protect('search.document');
-- Every question is asked in the few spaces that somebody is in, and a word of a space is one key: what is read is what will be
-- found, and it is found at once, so that nothing waits in a list beside the index.
create index document_words on search.document using gin (words) with (fastupdate = off);

-- How far each kind was read, in which form.
create table search.reading (
  org_id uuid not null,
  kind text collate "C" not null,
  version integer not null,
  reached text collate "C",
  done_at timestamptz,
  primary key (org_id, kind)
);
select core.protect('search.reading');

-- Six letters that stand before each word of a space. Two spaces that share them cost a look, and nothing else.
create function search.letters_of(space uuid) returns text language sql immutable parallel safe
  as $$ select substr(md5(space::text), 1, 6) $$;

-- What is granted or taken on a thing or around it, in the words of a document that lies there.
create function search.place_word(place uuid) returns text language sql immutable parallel safe
  as $$ select '=' || right(replace(place::text, '-', ''), 14) $$;

-- The stems of folded words in the four languages; null of a word that says nothing in one of them.
create function search.stems_of(word text) returns text[] language sql immutable parallel safe
as $$
  select case when array[]::text[] in (en, fr, es, pt) then null
    else array(select distinct s from unnest(en || fr || es || pt) as s where s <> word) end
  from (select ts_lexize('pg_catalog.english_stem', word) as en, ts_lexize('pg_catalog.french_stem', word) as fr,
    ts_lexize('pg_catalog.spanish_stem', word) as es, ts_lexize('pg_catalog.portuguese_stem', word) as pt) as each
$$;

-- The words that a document is found by: as they are written and their stems, those of the title again behind `^`, and what
-- else it is found by (`#` its kind, `@` a person, `>` a word of its place's name, `+` digits of a telephone number).
create function search.words_of(space uuid, words text[], title text[], marks text[], places uuid[]) returns tsvector
language sql immutable parallel safe
as $$
  select array_to_tsvector(array(
    select search.letters_of(space) || w from (
      select w from unnest(words) as w
      union select s from unnest(words) as w, unnest(search.stems_of(w)) as s
      union select '^' || w from unnest(title) as w
      union select '^' || s from unnest(title) as w, unnest(search.stems_of(w)) as s
      union select m from unnest(marks) as m
    ) as each (w)
    union select search.place_word(p) from unnest(places) as p where p is not null
  ))
$$;

-- The spaces in which somebody may read something, and what of each: `only` where she was let in to parts of it, `closed` and
-- `opened` where parts were closed to her. It never leaves out what she may read; whether she may is asked of each thing later.
create function search.scope_of(who uuid) returns table (space_id uuid, letters text, "only" text, closed uuid[], opened uuid[])
language sql stable
as $$
  with mine as (
    select m.space_id, m.role, m.joined_at from core.member m
    where m.person_id = who and m.org_id = core.current_org()
  ), granted as (
    select g.space_id, coalesce(g.item_id, g.container_id) as place, g.level from core.grant g
    where g.org_id = core.current_org() and g.principal_id = who and (g.until is null or g.until > now())
    union all
    select g.space_id, coalesce(g.item_id, g.container_id), g.level
    from mine join core.grant g on g.principal_id = mine.space_id and g.principal_kind in ('group', 'space')
    where g.org_id = core.current_org() and (g.until is null or g.until > now())
    union all
    select g.space_id, coalesce(g.item_id, g.container_id), g.level from core.grant g
    where g.org_id = core.current_org() and g.principal_id is null and (g.until is null or g.until > now())
      and (g.principal_kind = 'public' or exists (select from mine where mine.space_id = g.org_id and mine.role <> 'guest'))
  ), by_space as (
    select g.space_id,
      coalesce(bool_or(g.place is null and g.level >= 2), false) as is_opened,
      coalesce(bool_or(g.place is null and g.level < 2), false) as is_closed,
      array_agg(distinct g.place) filter (where g.place is not null and g.level >= 2) as opened,
      array_agg(distinct g.place) filter (where g.place is not null and g.level < 2) as closed
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
-- Of each of the two the newest 2,000 are looked at, and rights are asked from the best down until a page is full.
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
begin
  if is_guest then
    seen := array(
      select b.person_id::text from core.member a join core.member b on b.space_id = a.space_id
      where a.person_id = who and a.space_id <> org and a.org_id = org union select who::text);
  end if;
  return query
  with scope as materialized (
    select s.*,
      replace(case when s.space_id = any(named) then question_there else question end, '~', s.letters)::tsquery
        && coalesce(s."only"::tsquery, ''::tsquery) as asked,
      replace(case when s.space_id = any(named) then title_there else in_title end, '~', s.letters)::tsquery
        && coalesce(s."only"::tsquery, ''::tsquery) as asked_of_titles
    from search.scope_of(who) s
  ), found as (
    select f.* from scope s cross join lateral (
      select d.kind, d.id, d.space_id, d.container_id, d.around, d.title_words, d.at,
        d.words @@ replace(as_written, '~', s.letters)::tsquery as is_as_written
      from search.document d
      where d.words @@ s.asked
        and d.org_id = org and d.space_id = s.space_id
        and (d.at < before or before is null) and (d.at >= after or after is null)
        and (s.closed is null or not (d.around && s.closed or d.container_id = any(s.closed))
          or d.around && s.opened or d.container_id = any(s.opened))
        and (not (is_guest and d.is_person) or d.id = any(seen))
      order by d.at desc limit 2000
    ) f order by f.at desc limit 2000
  ), titled as (
    select f.* from scope s cross join lateral (
      select d.kind, d.id, d.space_id, d.container_id, d.around, d.title_words, d.at,
        d.words @@ replace(as_written, '~', s.letters)::tsquery as is_as_written
      from search.document d
      where (select count(*) from found) >= 2000
        and d.words @@ s.asked_of_titles
        and d.org_id = org and d.space_id = s.space_id
        and (d.at < before or before is null) and (d.at >= after or after is null)
        and (s.closed is null or not (d.around && s.closed or d.container_id = any(s.closed))
          or d.around && s.opened or d.container_id = any(s.opened))
        and (not (is_guest and d.is_person) or d.id = any(seen))
      order by d.at desc limit 2000
    ) f where in_title is not null order by f.at desc limit 2000
  ), scored as (
    select c.*, c.kind || ' ' || c.id as key,
      -- A name that is what was typed, then titles with its words, then what is written as it was typed; of equals the nearest in time.
      (case when c.title_words = ' ' || array_to_string(wanted, ' ') || ' ' then 3 else 0 end
      + case when c.title_words like ' ' || array_to_string(wanted, ' ') || '%' then 1 else 0 end
      + (select coalesce(3.0 * avg(case when c.title_words like '% ' || w || ' %' then 1
          when c.title_words like '% ' || w || '%' then 0.6 else 0 end), 0) from unnest(wanted) as w)
      + case when c.is_as_written then 1 else 0 end
      + 2.0 / (1 + abs(extract(epoch from as_of - c.at)) / 2592000.0))::float8 as score
    from (select * from found union select * from titled) c
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

-- Words that begin as given (without the letters of a space), of the newest 600 documents in which one does. They are never told
-- to anybody: they are looked for, and what is found by them is asked for its rights like everything else.
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
  with found as (
    select f.* from search.scope_of(who) s cross join lateral (
      select d.kind, d.id, d.space_id, d.container_id, d.around, d.words, s.letters, d.at from search.document d
      where d.words @@ (case when s."only" is null then replace(question, '~', s.letters)::tsquery
          else replace(question, '~', s.letters)::tsquery && s."only"::tsquery end)
        and d.org_id = org and d.space_id = s.space_id and not (is_guest and d.is_person)
        and (s.closed is null or not (d.around && s.closed or d.container_id = any(s.closed))
          or d.around && s.opened or d.container_id = any(s.opened))
      order by d.at desc limit 300
    ) f order by f.at desc limit 600
  )
  select substr(l, 7) as word, count(*) from found f, unnest(tsvector_to_array(f.words)) as l
  where l like f.letters || '%' and substr(l, 7, 1) ~ '[[:alnum:]]'
    and exists (select from unnest(beginnings) as b where starts_with(substr(l, 7), b))
  group by 1 order by 2 desc limit 2000;
end $$;

revoke execute on function search.find(uuid, text, text, text, text[], uuid[], text, text, timestamptz, timestamptz, timestamptz, float8, text, integer),
  search.words_like(uuid, text, text[]), search.scope_of(uuid) from public;
grant execute on function search.find(uuid, text, text, text, text[], uuid[], text, text, timestamptz, timestamptz, timestamptz, float8, text, integer),
  search.words_like(uuid, text, text[]) to liaison_app, liaison_system;
grant execute on function search.letters_of(uuid), search.place_word(uuid), search.stems_of(text),
  search.words_of(uuid, text[], text[], text[], uuid[]) to liaison_app, liaison_system;
