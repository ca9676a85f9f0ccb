-- Which texts mention a number: what they are, where they lie, and nothing of what is written in them. It is read when somebody
-- asks, so what is shown is as it is then, and what is gone is gone at once.
create table reach.number_mention (
  org_id uuid not null,
  kind text not null,
  document_id text not null,
  e164 text collate "C" not null,
  space_id uuid not null,
  container_id uuid,
  -- The items it lies in, outermost first, itself last: what `core.right_within` asks for.
  items uuid[] not null default '{}',
  at timestamptz not null,
  primary key (org_id, kind, document_id, e164)
);
create index number_mention_newest on reach.number_mention (e164, space_id, at desc, kind desc, document_id desc);
select core.protect('reach.number_mention');
