export * from './test-core.ts';
export * from './test-db.ts';
