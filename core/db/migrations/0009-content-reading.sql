-- How far whoever keeps something of all content (an index of words, of numbers) has read each kind, and in which form: read anew in
-- pages, and from where it stopped. What changes meanwhile is followed beside it.
create table core.content_reading (
  org_id uuid not null,
  follower text collate "C" not null,
  kind text collate "C" not null,
  form text collate "C" not null,
  -- What else of the organisation the form depends on, such as its country.
  circumstances text not null default '',
  reached text collate "C",
  documents bigint not null default 0,
  done_at timestamptz,
  primary key (org_id, follower, kind)
);
select core.protect('core.content_reading');
