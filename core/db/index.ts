export * from './db.ts';
export { inOneStatement } from './in-one-statement.ts';
export * from './migrate.ts';
export * from './roles.ts';
export * from './tables.ts';
