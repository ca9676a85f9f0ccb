create index concurrently if not exists preview_content on files.preview (sha256) where sha256 is not null;
