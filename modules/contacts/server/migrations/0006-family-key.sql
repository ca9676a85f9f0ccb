-- By what a card is sorted where somebody sorts by last names: the family name without case and accents, then the whole name; companies,
-- and cards without one, by their name. The database derives it: the program before this one writes cards too, and does not know of it.
alter table contacts.contact add column family_key text collate "C";
create function contacts.derive_family_key() returns trigger language plpgsql as $$
declare
  family text := case when new.kind = 'person' then coalesce(btrim(new.card ->> 'family'), '') else '' end;
begin
  -- Letters that Unicode does not take apart, and marks of those that it does, as where sort_key is made.
  family := lower(normalize(family, NFKD) collate "pg_c_utf8");
  family := regexp_replace(family, '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]', '', 'g');
  family := replace(replace(replace(replace(family, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
  family := translate(family, 'øđðłħıŋŧ', 'oddlhint');
  new.family_key := case when family = '' then new.sort_key else left(family || ' ' || new.sort_key, 160) end;
  return new;
end $$;
create trigger family_key before insert or update of kind, card, sort_key on contacts.contact
  for each row execute function contacts.derive_family_key();
update contacts.contact set sort_key = sort_key;

-- How somebody has her contacts shown, wherever she signs in.
create table contacts.setting (
  person_id uuid primary key,
  org_id uuid not null,
  sort_by text not null check (sort_by in ('name', 'family'))
);
select core.protect('contacts.setting');
