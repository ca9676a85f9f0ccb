export type { CommandContext } from './commands.ts';
export * from './contract.ts';
export * from './live.ts';
