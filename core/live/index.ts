export type { CommandContext } from './commands.ts';
export * from './live.ts';
