-- Addresses that somebody had before: they still reach her, and stay reserved for her.
create table people.alias (
  org_id uuid not null,
  address text not null,
  person_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (org_id, address)
);
create index alias_address on people.alias (address);
create index alias_person on people.alias (person_id);
select core.protect('people.alias');
