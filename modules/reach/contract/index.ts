export * from './api.ts';
export * from './numbers.ts';
export * from './reachability.ts';
