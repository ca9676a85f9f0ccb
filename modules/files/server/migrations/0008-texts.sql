-- What is written in files of text, their beginnings: read once for each content that a file has had, by a job. It is of use only
-- while the file is of that content; it goes with the file.
create table files.text (
  org_id uuid not null,
  node_id uuid primary key,
  of_content text collate "C" not null,
  text text not null,
  read_at timestamptz not null default now()
);
select core.protect('files.text');
