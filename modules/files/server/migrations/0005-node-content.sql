create index concurrently if not exists node_content on files.node (sha256) where sha256 is not null;
