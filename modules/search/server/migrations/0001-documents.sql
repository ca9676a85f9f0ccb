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

-- The newest of each space, without looking at the documents themselves.
create index document_newest on search.document (org_id, space_id, at desc);

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
-- else it is found by (`#` its kind, `@` a person, `>` a word of its place's name, `+` digits of a telephone number). Written without
-- a function for each word; of a word that says nothing in one language the stems of the others are kept too, which finds nothing else.
create function search.words_of(space uuid, words text[], title text[], marks text[], places uuid[]) returns tsvector
language sql immutable parallel safe
as $$
  with written as (
    select w, ts_lexize('pg_catalog.english_stem', w) || ts_lexize('pg_catalog.french_stem', w)
      || ts_lexize('pg_catalog.spanish_stem', w) || ts_lexize('pg_catalog.portuguese_stem', w) || w as forms,
      w = any(title) as is_in_title
    from unnest(words) as w
  ), letters as (select search.letters_of(space) as l)
  select array_to_tsvector(array(
    select l || f from written, unnest(forms) as f, letters
    union all select l || '^' || f from written, unnest(forms) as f, letters where is_in_title
    union all select l || m from unnest(marks) as m, letters
    union all select search.place_word(p) from unnest(places) as p where p is not null
  ))
$$;

grant execute on function search.letters_of(uuid), search.place_word(uuid), search.stems_of(text),
  search.words_of(uuid, text[], text[], text[], uuid[]) to liaison_app, liaison_system;
