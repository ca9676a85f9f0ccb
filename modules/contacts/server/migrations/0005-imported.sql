-- By which import a card came, and as which version the import left it: what nobody has changed since can be taken back with all others.
alter table contacts.contact add column import_id uuid, add column imported_version integer;
