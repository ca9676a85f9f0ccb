-- Each word of a name once per organisation: what a mistyped word is held against. Far shorter than the list of who has
-- which word.
create table people.vocabulary (
  org_id uuid not null,
  word text collate "C" not null check (length(word) <= 80),
  primary key (org_id, word)
);
select core.protect('people.vocabulary');
insert into people.vocabulary (org_id, word)
  select distinct org_id, word from people.word where length(word) > 2 and word !~ '[0-9]';

-- Whether somebody has a second word too is answered by the index alone.
create index word_of_person on people.word (person_id, word);
drop index people.word_person;
