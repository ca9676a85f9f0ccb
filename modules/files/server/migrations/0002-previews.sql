-- What was drawn of a content, per size; `sha256` is the blob of it. Null: it cannot be drawn, and is not tried again for a day.
create table files.preview (
  org_id uuid not null,
  source_sha256 text not null,
  size text not null,
  sha256 text,
  width integer not null,
  height integer not null,
  made_at timestamptz not null default now(),
  primary key (org_id, source_sha256, size)
);
create index preview_made on files.preview (made_at);
select core.protect('files.preview');
