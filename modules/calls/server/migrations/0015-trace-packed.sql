-- All that was said about a call within a moment, where that is more than one line, as deflated JSON: two kilobytes instead of
-- ten in the log, on the standby and on disk. The columns say the first line again, without its body: rows are sorted and
-- deleted by them. A program that does not know this column yet shows of such a row that line.
alter table calls.trace add column packed bytea;
-- Packed already.
alter table calls.trace alter column packed set storage external;
