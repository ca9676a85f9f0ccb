-- Proxies between us and the telephone, the one next to us first (RFC 3327): an INVITE to it goes through them.
alter table calls.registration add column path text[] not null default '{}' check (cardinality(path) <= 20);
