-- The address book of a space: one container for each team, and one private one for each person.
create table contacts.book (
  id uuid primary key,
  org_id uuid not null,
  space_id uuid not null,
  home_site smallint not null,
  created_at timestamptz not null default now()
);
create unique index book_space on contacts.book (space_id);
select core.protect('contacts.book');

-- A card. What is looked for, sorted by or joined stands in columns; the rest, which is read and written as whole, in `card`.
create table contacts.contact (
  id uuid primary key,
  org_id uuid not null,
  book_id uuid not null,
  version integer not null default 1,
  kind text not null check (kind in ('person', 'company')),
  name text not null check (length(name) between 1 and 200),
  -- The name without case and accents.
  sort_key text collate "C" not null,
  -- Nearly equal names have the same one.
  near_key text collate "C" not null,
  company_id uuid,
  birth_year smallint,
  birth_month smallint check (birth_month between 1 and 12),
  birth_day smallint check (birth_day between 1 and 31),
  labels text[] not null default '{}',
  card jsonb not null,
  -- Properties of a vCard that this suite does not know, as jCard (RFC 7095): they go out as they came in.
  kept jsonb not null default '[]',
  photo text,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  changed_by uuid,
  deleted_at timestamptz,
  -- Set while it is a part of another card.
  merge_id uuid
);
create index contact_by_name on contacts.contact (book_id, sort_key, id) where deleted_at is null;
create index contact_near on contacts.contact (book_id, near_key) where deleted_at is null;
create index contact_company on contacts.contact (company_id) where company_id is not null;
create index contact_birthday on contacts.contact (book_id, birth_month, birth_day) where birth_month is not null;
create index contact_deleted on contacts.contact (deleted_at) where deleted_at is not null;
create index contact_merge on contacts.contact (merge_id) where merge_id is not null;
create index contact_changed_by on contacts.contact (changed_by);
select core.protect('contacts.contact');

-- Numbers and addresses of cards that are not deleted, in the one form in which they are compared.
create table contacts.way (
  org_id uuid not null,
  book_id uuid not null,
  contact_id uuid not null,
  kind text not null check (kind in ('number', 'email', 'sip')),
  value text collate "C" not null,
  primary key (contact_id, kind, value)
);
create index way_value on contacts.way (book_id, kind, value, contact_id);
select core.protect('contacts.way');

-- What cards that are not deleted are found by: words of names, digits of numbers. A range of these answers a beginning; LIKE could not
-- use an index, because row-level security lets only leakproof operators pass.
create table contacts.word (
  org_id uuid not null,
  book_id uuid not null,
  contact_id uuid not null,
  word text collate "C" not null,
  primary key (contact_id, word)
);
create index word_beginning on contacts.word (book_id, word, contact_id);
select core.protect('contacts.word');

-- What a merge was made of, so that it can be undone: the kept card as it was; the others point here.
create table contacts.merge (
  id uuid primary key,
  org_id uuid not null,
  book_id uuid not null,
  contact_id uuid not null,
  -- The version that the merge made: a later one is not undone.
  made_version integer not null,
  before jsonb not null,
  merged_by uuid,
  merged_at timestamptz not null default now()
);
create index merge_at on contacts.merge (merged_at);
create index merge_by on contacts.merge (merged_by);
select core.protect('contacts.merge');
