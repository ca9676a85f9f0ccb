-- The room that uploads on their way hold, without passing over those that have become files.
create index concurrently if not exists upload_awaited on files.upload (tree_id) where node_id is null;
