-- small: files.upload, only uploads of the last days
-- The folders that a node lies in, the tree's own first, and the node itself last: what `core.right_within` asks for.
create function files.around(node uuid) returns uuid[] language sql stable parallel safe as $$
  with recursive up as (
    select n.id, n.parent_id, 0 as depth from files.node n where n.id = node
    union all
    select p.id, p.parent_id, up.depth + 1 from up join files.node p on p.id = up.parent_id where up.depth < 100
  ) select array_agg(up.id order by up.depth desc) from up
$$;
grant execute on function files.around(uuid) to liaison_app, liaison_system;

-- A way in for whoever has its secret: to read a file or folder, or to send into a folder and see nothing else of it. How long it
-- holds is its grant's business, whose principal it is.
create table files.link (
  id uuid primary key,
  org_id uuid not null,
  tree_id uuid not null,
  node_id uuid not null,
  grant_id uuid not null,
  mode text not null check (mode in ('read', 'upload')),
  -- SHA-256 of the secret, which it is found by; and the secret sealed, so that it can be copied again.
  token_hash text not null,
  sealed_token text not null,
  password_hash text,
  until timestamptz,
  most_downloads integer,
  downloads integer not null default 0,
  opened integer not null default 0,
  created_by uuid,
  created_at timestamptz not null default now()
);
create unique index link_token on files.link (token_hash);
create index link_node on files.link (node_id);
create index link_tree on files.link (tree_id);
create index link_created_by on files.link (created_by);
select core.protect('files.link');

-- What strangers send: nobody's, but of one visit of a link.
alter table files.upload alter column person_id drop not null;
alter table files.upload add column link_id uuid;
alter table files.upload add column visit text;
create index upload_link on files.upload (link_id) where link_id is not null;
