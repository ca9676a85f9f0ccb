-- A room or thing that nobody can book any more; what it was booked for stays.
alter table calendar.calendar add column retired_at timestamptz;
