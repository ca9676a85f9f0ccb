export * from './names.ts';
export { normalizeName } from './normalize.ts';
