-- The same words, without a function call for each of them: of a word that says nothing in one language the stems of the others
-- are kept too, which finds nothing else.
create or replace function search.words_of(space uuid, words text[], title text[], marks text[], places uuid[]) returns tsvector
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
