-- For the collector of blobs that nobody names any more.
create index concurrently if not exists attachment_content on chat.attachment (sha256);
