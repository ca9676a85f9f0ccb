-- Hours of each weekday, several a day and over midnight: [{"day":1,"fromMinute":540,"toMinute":1050}], 1 Monday, an end beyond 1440 on
-- the day after. Null: as the columns beside it say, which are written still.
alter table calendar.working_hours add column spans jsonb;
