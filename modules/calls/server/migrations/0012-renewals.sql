-- small: calls.registration, one row per registered telephone

-- A refresh changes when a registration ends, and nothing else. An index of that made PostgreSQL write a new entry into every
-- index of the table with each refresh; without one it changes the row in its page. So the end itself is in no index: look_at says
-- when to look at a registration, never after its end, and is put off only when that time has come.
alter table calls.registration add column look_at timestamptz not null default now();
update calls.registration set look_at = expires_at;
drop index calls.registration_expires;
create index registration_look on calls.registration (look_at);
-- Room for the changed row beside the one before.
alter table calls.registration set (fillfactor = 60);
