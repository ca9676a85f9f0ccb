export * from './contract.ts';
export { createOwned, type OwnedOptions } from './owned.ts';
