import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { StartError, systemCode } from '../config/index.ts';

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
  try {
    server.listen(name);
    await once(server, 'listening');
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw error;
    throw new StartError({
      what: `another Liaison (process ${await askHolder(name)}) already runs on ${dataFolder}`,
      setting: 'LIAISON_DATA',
      mend: 'stop that one, or name another data folder',
      cause: error,
    });
  }
  server.unref();
  return {
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function askHolder(name: string): Promise<string> {
  const socket = createConnection(name)
    .setEncoding('utf8')
    .setTimeout(1_000, () => socket.destroy());
  let answer = '';
  socket.on('data', (text: string) => {
    answer += text;
  });
  await once(socket, 'close').catch(() => {});
  return /^\d{1,10}$/.test(answer) ? answer : 'unknown';
}
