export * from './db.ts';
export * from './migrate.ts';
export * from './roles.ts';
export * from './tables.ts';
