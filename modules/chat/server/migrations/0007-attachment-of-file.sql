-- Whose file may be gone, for whoever lets go of its bytes.
create index concurrently if not exists attachment_file on chat.attachment (node_id) where node_id is not null;
