/**
 * One row with one value, JSON: `[["calls/0003-queues", "1.2.0"], …]`, oldest first: each migration that a database has had, and the
 * oldest program that can work with it, empty when every one can. For whoever asks a database with a program of PostgreSQL's.
 */
export const landedMigrations =
  "select json_agg(json_build_array(schema || '/' || name, coalesce(needs_version, '')) order by applied_at, name) from core.migration";
