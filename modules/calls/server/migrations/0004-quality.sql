-- How each side sounded, as the relay measured it: loss, jitter, round trip, an estimated score. Null: no relay, or not ended.
alter table calls.call add column quality jsonb;
