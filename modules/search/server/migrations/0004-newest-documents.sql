-- The newest of each space, without looking at the documents themselves.
create index concurrently if not exists document_newest on search.document (org_id, space_id, at desc);
