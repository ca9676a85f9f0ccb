export { seenAmong, seenBy } from './seen-by.ts';
export * from './spaces.ts';
