export * from './db.ts';
export { inOneStatement } from './in-one-statement.ts';
export { landedMigrations } from './landed-migrations.ts';
export * from './migrate.ts';
export * from './roles.ts';
export { SharingPool } from './sharing-pool.ts';
export * from './tables.ts';
