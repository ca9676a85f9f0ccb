import { spawn } from 'node:child_process';

/** Why the launch ends, in one line that says what to do. */
export class LaunchError extends Error {
  /** What another program printed before it failed, shown in full. */
  output = '';
}

/** Prints why the launch ends, and ends it. */
export function fail(error) {
  if (error instanceof LaunchError) {
    if (error.output !== '') process.stderr.write(`${error.output.trimEnd()}\n`);
    process.stderr.write(`liaison: ${error.message}\n`);
  } else {
    process.stderr.write(`liaison: unexpected fault\n${error?.stack ?? error}\n`);
  }
  process.exit(1);
}

/**
 * Runs a program behind one line of progress. Its output is kept and shown only if it fails. Ctrl-C ends both.
 */
export async function runBehindProgress({ title, done, program, args, cwd, env, mend }) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const isTerminal = process.stderr.isTTY === true;
  const show = () => process.stderr.write(`\r\u001b[Kliaison: ${title} … ${seconds()} s`);
  if (isTerminal) show();
  else process.stderr.write(`liaison: ${title} …\n`);
  const timer = isTerminal ? setInterval(show, 1000) : undefined;

  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-200_000);
    });
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let interruptedBy;
  const interrupt = (signal) => {
    interruptedBy = signal;
    child.kill('SIGTERM');
  };
  for (const signal of signals) process.on(signal, interrupt);
  const { code, error } = await new Promise((resolve) => {
    child.once('error', (reason) => resolve({ code: null, error: reason }));
    child.once('close', (status) => resolve({ code: status, error: undefined }));
  });
  for (const signal of signals) process.off(signal, interrupt);
  clearInterval(timer);
  if (isTerminal) process.stderr.write('\r\u001b[K');
  if (interruptedBy !== undefined) {
    process.kill(process.pid, interruptedBy);
    await new Promise(() => {});
  }
  if (error !== undefined || code !== 0) {
    const failure = new LaunchError(`${title}: ${error?.message ?? `status ${code}`} · ${mend}`);
    failure.output = output;
    throw failure;
  }
  process.stderr.write(`liaison: ${done} (${seconds()} s)\n`);
}
