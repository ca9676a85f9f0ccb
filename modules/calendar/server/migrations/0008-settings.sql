-- How somebody has calendars shown, wherever she signs in. `first_day`: on which day weeks begin, 1 Monday to 7 Sunday; null as is
-- usual where her language is at home.
create table calendar.setting (
  person_id uuid primary key,
  org_id uuid not null,
  first_day smallint
);
select core.protect('calendar.setting');
