export { type Command, type CommandContext, UsageError } from './command.ts';
export { withDatabase } from './database.ts';
export { type RunOptions, runCommand } from './run.ts';
