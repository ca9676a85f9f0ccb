-- Where that lies which was sent in conversations of the space. By id: it may be called and lie otherwise.
alter table files.tree add column sent_folder_id uuid;
