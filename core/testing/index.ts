export { freePort } from './free-port.ts';
export * from './kept-content.ts';
export * from './test-core.ts';
export * from './test-db.ts';
