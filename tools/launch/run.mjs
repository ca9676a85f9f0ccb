import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

/**
 * Ends the program when the launcher is gone: the shell leaves a watcher that waits for the end of a pipe of ours, which
 * comes however we die, and becomes the program itself.
 */
const guard = `
( (trap '' INT HUP; exec </dev/null >/dev/null 2>&1; if read -r line <&3; then exit 0; fi; kill -TERM $$) & )
exec 3<&-
exec "$@"
`;

/** A second Ctrl-C counts as one of its own only after this long: npm hands on what the terminal has already sent. */
const sameCtrlCMs = 1000;

/**
 * Runs the target until it ends, hands signals on, and ends as it did.
 *
 * With `own`, the target has a session of its own: Ctrl-C reaches only npm and this launcher, which tells the target
 * once. Otherwise it shares ours, may read from the terminal, and hears Ctrl-C from the terminal itself.
 */
export async function runTarget({ root, node, nodeArguments, companions, env, own }) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  const start = (args, cwd, more, stdin) => {
    const child = spawn('/bin/sh', ['-c', guard, 'sh', node, ...args], {
      cwd,
      env: { ...process.env, ...more, PATH: path },
      detached: own,
      stdio: [stdin, 'inherit', 'inherit', 'pipe'],
    });
    const leash = child.stdio[3];
    leash.on('error', () => {});
    child.once('exit', () => leash.end('ended\n'));
    return child;
  };
  const beside = companions.map((each) => start(each.args, each.cwd, each.env, 'ignore'));
  const target = start(nodeArguments, root, env, own ? 'ignore' : 'inherit');

  let lastInterrupt = 0;
  const forward = (signal) => {
    if (signal === 'SIGINT') {
      const isEcho = Date.now() - lastInterrupt < sameCtrlCMs;
      lastInterrupt = Date.now();
      if (isEcho || (!own && process.stdin.isTTY)) return;
    }
    target.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);

  const { code, signal } = await new Promise((resolve) => {
    target.once('error', (error) => {
      process.stderr.write(
        `liaison: ${node} cannot be run (${error.message}) · remove node_modules and start again\n`,
      );
      resolve({ code: 1, signal: null });
    });
    target.once('exit', (status, by) => resolve({ code: status, signal: by }));
  });
  await Promise.all(beside.map(endCompanion));
  for (const name of signals) process.off(name, forward);
  if (signal !== null) {
    process.kill(process.pid, signal);
    return;
  }
  process.exitCode = code ?? 1;
}

function endCompanion(child) {
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return ended;
}
