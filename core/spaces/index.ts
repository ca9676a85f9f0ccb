export { createEndsOfGrants } from './ends-of-grants.ts';
export { personalSpaceOf } from './personal-space.ts';
export { type HeldGrant, type Reader, readersOf } from './readers.ts';
export { seenAmong, seenBy } from './seen-by.ts';
export * from './spaces.ts';
