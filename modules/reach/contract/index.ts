export * from './api.ts';
export * from './reachability.ts';
