import { type Environment, loadSettings, reportFatal } from '../config/index.ts';
import { createLog } from '../log/index.ts';
import { type Command, UsageError } from './command.ts';
import { withDatabase } from './database.ts';

export interface RunOptions {
  commands: Command[];
  env: Environment;
  args: string[];
  out: (text: string) => void;
  err: (text: string) => void;
}

/** Runs one command and resolves to the exit status: 0 done, 1 failed, 2 wrong arguments. */
export async function runCommand(options: RunOptions): Promise<number> {
  const { commands, env, out, err } = options;
  const [name = 'help', ...args] = options.args;
  if (name === 'help' || name === '--help' || name === '-h') {
    out(helpText(commands));
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    err(`liaison: there is no command ${JSON.stringify(name)} · npm run liaison -- help\n`);
    return 2;
  }
  try {
    const settings = loadSettings(env);
    // A command's result goes to standard output; what is logged beside it must not mix with that.
    const log = createLog({
      level: settings.logLevel === 'info' ? 'warn' : settings.logLevel,
      destination: { write: err },
    });
    const progress = (line: string) => err(`${line} …\n`);
    await command.run(
      {
        settings,
        env,
        log,
        progress,
        print: (line) => out(`${line}\n`),
        withDatabase: (work) => withDatabase({ settings, log, onProgress: progress }, work),
      },
      args,
    );
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      err(`liaison: ${error.message} · npm run liaison -- ${command.name} ${command.usage}\n`);
      return 2;
    }
    reportFatal(error, err);
    return 1;
  }
}

function helpText(commands: Command[]): string {
  const rows = commands.map(
    (command) => [`${command.name} ${command.usage}`.trim(), command.summary] as const,
  );
  const width = Math.max(...rows.map(([usage]) => usage.length));
  const lines = rows.map(([usage, summary]) => `  ${usage.padEnd(width)}  ${summary}`);
  return `npm run liaison -- COMMAND\n\n${lines.join('\n')}\n`;
}
