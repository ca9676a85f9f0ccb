import type { Server, Socket } from 'node:net';
import type { ConnectionBudget } from './limits.ts';
import type { Endpoint, TransportEvents } from './types.ts';

/** `::ffff:192.0.2.1` is the IPv4 address it maps. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

export function remoteOf(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): Endpoint {
  return { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
}

/** Binds; answers the address with the port that was given. */
export function listen(
  server: Server,
  at: { host: string; port: number },
  events: TransportEvents,
): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.off('error', reject);
      server.on('error', (error) => events.noted('Listener error', { error: error.message }));
      const address = server.address();
      const port = address && typeof address === 'object' ? address.port : at.port;
      resolve({ address: at.host, port });
    });
  });
}

export function close(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (server) server.close(() => resolve());
    else resolve();
  });
}

/** Counts a raw connection before anything is read from it; false: there was no room, and it is cut. */
export function admit(socket: Socket, budget: ConnectionBudget): boolean {
  const release = budget.take(plainAddress(socket.remoteAddress ?? ''));
  if (!release) {
    socket.destroy();
    return false;
  }
  socket.once('close', release);
  return true;
}
