/**
 * SQL for the ids of the processes that are alive, as `core.alive` tells of one: `process_id in (${livingProcesses})` asks once for all
 * rows, where PostgreSQL would call the function for each.
 */
export const livingProcesses =
  'select p.id from core.process p where p.lost_at is null and p.until > clock_timestamp()';
