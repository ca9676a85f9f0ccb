import { runCommand } from '@liaison/core/cli';
import { allCommands } from './commands.ts';

process.exitCode = await runCommand({
  commands: await allCommands(),
  env: process.env,
  args: process.argv.slice(2),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
