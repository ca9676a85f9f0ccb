export * from './owned.ts';
