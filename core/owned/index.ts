export { type ProcessSeen, processesSeen } from './across-organisations.ts';
export * from './contract.ts';
export { createOwned, type OwnedOptions } from './owned.ts';
