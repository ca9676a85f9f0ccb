create index concurrently if not exists attachment_preview on chat.attachment (preview_sha256)
  where preview_sha256 is not null;
