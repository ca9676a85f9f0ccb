-- The file of the space that a sent attachment is; those sent before have none. And whether people were told that it was removed.
alter table chat.attachment add column node_id uuid;
alter table chat.attachment add column removed boolean not null default false;
