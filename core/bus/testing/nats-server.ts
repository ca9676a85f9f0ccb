import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { freePort } from '../../testing/free-port.ts';

/** Debian's nats-server on the loopback. `start` again after `kill` brings it back on the same port. */
export async function createNatsServer(more: string[] = []) {
  const port = await freePort();
  let child: ReturnType<typeof spawn> | undefined;
  return {
    port,
    async start(): Promise<void> {
      const started = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), ...more], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child = started;
      const [error] = await Promise.race([
        once(started, 'error'),
        (async () => {
          for await (const line of createInterface({ input: started.stderr! })) {
            if (line.includes('Server is ready')) return [undefined];
          }
          return [new Error('nats-server ended before it was ready')];
        })(),
      ]);
      if (error) throw error;
      started.stderr!.resume();
    },
    async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
      const last = child;
      child = undefined;
      if (!last || last.exitCode !== null || last.signalCode !== null) return;
      const ended = once(last, 'exit');
      last.kill(signal);
      await ended;
    },
    /** Makes it stand still: connections stay, nothing answers. */
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
}
