create index concurrently if not exists contact_by_family on contacts.contact (book_id, family_key, id)
  where deleted_at is null;
