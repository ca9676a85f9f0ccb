-- What somebody put into a tree, latest first: for those who share it with her.
create index concurrently if not exists node_changed_in_tree on files.node (tree_id, changed_by, changed_at desc, id desc)
  where rank = 1 and trashed_at is null;
