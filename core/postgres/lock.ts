import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError, systemCode } from '../config/index.ts';

/** How long a holder that does not answer is waited for. */
const patienceMs = 5_000;

export interface Lock {
  release(): Promise<void>;
}

/**
 * Makes sure that one process at a time looks after a place. The lock is a socket in the kernel's abstract namespace: it
 * goes with the process however that ends, so no lock can be left behind. It tells the holder's process id to whoever
 * asks. Throws a `StartError` when somebody else holds it.
 */
export async function lockPlace(folder: string, dataFolder: string): Promise<Lock> {
  const name = `\0liaison-postgres-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(String(process.pid));
  });
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      server.listen(name);
      await once(server, 'listening');
      break;
    } catch (error) {
      if (systemCode(error) !== 'EADDRINUSE') throw error;
      const holder = await askHolder(name);
      if (holder === undefined && Date.now() < deadline) {
        await sleep(20);
        continue;
      }
      throw new StartError({
        what: `another Liaison (process ${holder ?? 'unknown'}) already runs on ${dataFolder}`,
        setting: 'LIAISON_DATA',
        mend: 'stop that one, or name another data folder',
        cause: error,
      });
    }
  }
  server.unref();
  return {
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The holder's process id, or undefined when it does not answer: it may be about to die, killed a moment ago. */
async function askHolder(name: string): Promise<string | undefined> {
  const socket = createConnection(name).setEncoding('utf8');
  socket.setTimeout(1_000, () => socket.destroy());
  let answer = '';
  socket.on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => {});
  await once(socket, 'close').catch(() => {});
  return /^\d{1,10}$/.test(answer) ? answer : undefined;
}
