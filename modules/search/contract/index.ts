export * from './api.ts';
export * from './search-query.ts';
