-- A conversation's files, newest first.
create index concurrently if not exists attachment_of_conversation on chat.attachment (conversation_id, id desc)
  where message_id is not null;
