-- For the collector of blobs that nobody names any more; so are the ones of other tables.
create index concurrently if not exists version_content on files.version (sha256);
