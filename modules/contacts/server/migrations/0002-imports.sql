-- A file of cards on its way into a book, and what became of it.
create table contacts.import (
  id uuid primary key,
  org_id uuid not null,
  book_id uuid not null,
  person_id uuid not null,
  file_name text not null,
  format text not null check (format in ('vcard', 'csv')),
  state text not null check (state in ('ready', 'running', 'stopped', 'done', 'failed')),
  duplicates text not null default 'skip' check (duplicates in ('skip', 'merge', 'add')),
  -- The file, until all of it was taken.
  file_sha256 text,
  -- Of a table: its headings, and what each column is taken for.
  columns jsonb not null default '[]',
  preview jsonb not null default '[]',
  total integer not null,
  -- Cards of the file that were looked at: whoever goes on begins after them.
  done integer not null default 0,
  added integer not null default 0,
  skipped integer not null default 0,
  merged integer not null default 0,
  fault_count integer not null default 0,
  faults jsonb not null default '[]',
  created_at timestamptz not null default now()
);
create index import_person on contacts.import (person_id);
create index import_created on contacts.import (created_at);
create index import_book on contacts.import (book_id);
select core.protect('contacts.import');
