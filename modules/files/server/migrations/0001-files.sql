-- The files of a space: one container, one lock for whatever changes its shape, one quota.
create table files.tree (
  id uuid primary key,
  org_id uuid not null,
  space_id uuid not null,
  home_site smallint not null,
  root_id uuid not null,
  used_bytes bigint not null default 0 check (used_bytes >= 0),
  -- Null: what every space of its kind may have.
  quota_bytes bigint,
  created_at timestamptz not null default now()
);
create unique index tree_space on files.tree (space_id);
select core.protect('files.tree');

create table files.node (
  id uuid primary key,
  org_id uuid not null,
  tree_id uuid not null,
  parent_id uuid,
  -- 0 a folder, 1 a file: folders stand first however a list is sorted.
  rank smallint not null check (rank in (0, 1)),
  name text not null check (octet_length(name) <= 255),
  -- Of the folded name: the names in a folder differ by it.
  name_hash text not null,
  sort_key text collate "C" not null,
  -- The name for searching in it: without case and accents.
  words text not null,
  bytes bigint not null default 0,
  sha256 text,
  media_type text not null default '',
  version integer not null default 0,
  -- Milliseconds, because pages hold their place in the order by what JavaScript knows of a time.
  changed_at timestamptz(3) not null default now(),
  changed_by uuid,
  created_at timestamptz not null default now(),
  trashed_at timestamptz(3),
  trashed_by uuid,
  check ((rank = 0) = (sha256 is null))
);
create unique index node_name on files.node (parent_id, name_hash) where trashed_at is null;
create index node_by_name on files.node (parent_id, rank, sort_key, id) where trashed_at is null;
create index node_by_bytes on files.node (parent_id, rank, bytes, id) where trashed_at is null;
create index node_by_change on files.node (parent_id, rank, changed_at, id) where trashed_at is null;
create index node_parent on files.node (parent_id);
create index node_tree on files.node (tree_id);
create index node_trash on files.node (tree_id, trashed_at desc, id desc) where trashed_at is not null;
create index node_words on files.node using gin (words public.gin_trgm_ops);
create index node_changed_by on files.node (changed_by);
select core.protect('files.node');

create table files.version (
  org_id uuid not null,
  node_id uuid not null,
  number integer not null,
  sha256 text not null,
  bytes bigint not null,
  media_type text not null,
  author_id uuid,
  written_at timestamptz not null default now(),
  primary key (node_id, number)
);
create index version_author on files.version (author_id);
select core.protect('files.version');

create table files.star (
  org_id uuid not null,
  person_id uuid not null,
  node_id uuid not null,
  at timestamptz not null default now(),
  primary key (person_id, node_id)
);
create index star_node on files.star (node_id);
select core.protect('files.star');

-- An upload that is on its way; its bytes lie in the spool of the blobs. `node_id` is set once it has become a file.
create table files.upload (
  id uuid primary key,
  org_id uuid not null,
  tree_id uuid not null,
  folder_id uuid not null,
  person_id uuid not null,
  name text not null,
  media_type text not null,
  bytes bigint not null check (bytes >= 0),
  node_id uuid,
  created_at timestamptz not null default now()
);
create index upload_tree on files.upload (tree_id);
create index upload_person on files.upload (person_id);
create index upload_created on files.upload (created_at);
select core.protect('files.upload');
