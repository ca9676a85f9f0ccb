-- small: core.grant, what differs from roles
-- The end that was told. Another `until` is another end, so a program that does not know the column tells too much, never
-- too little.
alter table core.grant add column told_until timestamptz;
create index grant_until on core.grant (until) where until is not null and told_until is distinct from until;
