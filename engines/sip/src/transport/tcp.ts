import { connect, createServer, type Server } from 'node:net';
import type { ConnectionBudget, ConnectionLimits } from './limits.ts';
import { admit, close, listen, remoteOf } from './listening.ts';
import { createStreamPool } from './stream-pool.ts';
import type { Endpoint, Transport, TransportEvents } from './types.ts';

/** A TCP listener and its connections, theirs and ours. */
export function createTcpTransport(
  options: { host: string; port: number },
  limits: ConnectionLimits,
  budget: ConnectionBudget,
  events: TransportEvents,
): Transport {
  let server: Server | undefined;
  let local: Endpoint = { address: options.host, port: options.port };
  const pool = createStreamPool('tcp', limits, events, () => local);
  return {
    protocol: 'tcp',
    get local() {
      return local;
    },
    async start() {
      server = createServer((socket) => {
        if (admit(socket, budget)) pool.adopt(socket, remoteOf(socket));
      });
      local = await listen(server, options, events);
    },
    async stop() {
      const closing = server;
      server = undefined;
      await pool.drain(close(closing));
    },
    open: (remote) =>
      pool.open(
        `${remote.address} ${remote.port}`,
        remote,
        () => connect({ host: remote.address, port: remote.port }),
        'connect',
      ),
    isOpen: pool.isOpen,
    send: pool.send,
    vouch: pool.vouch,
  };
}
