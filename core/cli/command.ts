import type { Settings } from '../config/index.ts';
import type { Log } from '../log/index.ts';

/** What a command of `npm run liaison -- …` is given. */
export interface CommandContext {
  settings: Settings;
  env: Readonly<Record<string, string | undefined>>;
  log: Log;
  /** A line of the command's result, on standard output. */
  print(line: string): void;
  /** A line for whoever waits, on standard error. */
  progress(line: string): void;
  /**
   * Runs `work` with the address of the database as its superuser: the one that `DATABASE_URL` names, that of the running
   * server, or an embedded one that is started for it and stopped after it.
   */
  withDatabase<Result>(work: (url: string) => Promise<Result>): Promise<Result>;
}

/**
 * A command for the operator. A module offers its own as `export const commands: Command[]` in its `/cli` face, and
 * `apps/cli/commands.ts` lists the faces. `run` throws a `StartError` for what the operator can mend and a
 * `UsageError` for wrong arguments; it must be safe to run again after an interruption.
 */
export interface Command {
  /** Lower case with hyphens; a module's begin with its name: `people-import`. */
  name: string;
  /** Arguments as shown in the help: `FOLDER [--force]`. */
  usage: string;
  /** One sentence without a full stop. */
  summary: string;
  run(context: CommandContext, args: string[]): Promise<void>;
}

/** The arguments are not what the command takes; its usage is shown, and the exit status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
