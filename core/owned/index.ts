export { type ProcessSeen, processesSeen } from './across-organisations.ts';
export * from './contract.ts';
export { livingProcesses } from './living.ts';
export { createOwned, type OwnedOptions } from './owned.ts';
