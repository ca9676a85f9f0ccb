-- What was said about the same call within a moment is one row: its first line in the columns, and the lines after it here,
-- each with the same names. A call has two or three rows then instead of twenty-three.
alter table calls.trace add column more json;
-- Read seldom, and written all the time: packing it would cost more than all the rest of the row.
alter table calls.trace alter column more set storage external;
