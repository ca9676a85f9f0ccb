-- For the collector of blobs that nobody names any more.
create index concurrently if not exists contact_photo on contacts.contact (photo) where photo is not null;
