export * from './core.ts';
export * from './create-core.ts';
