export * from './emit.ts';
export * from './outbox.ts';
export * from './reaction.ts';
export { eventColumns, toEvent } from './rows.ts';
