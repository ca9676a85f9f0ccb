-- Who deleted a message: somebody who manages the space may take away what others said, and it is shown as hers.
alter table chat.message add column deleted_by uuid;
create index message_deleted_by on chat.message (deleted_by) where deleted_by is not null;
