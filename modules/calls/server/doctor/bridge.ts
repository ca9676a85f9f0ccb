import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A door on this machine that leads to another one; the doctor's telephone speaks plainly into it. */
export interface Bridge {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Carries connections to a server, over TLS where that is asked for. The certificate is not judged here: the doctor looks at
 * it in a step of its own. `path` takes the place of the one in the first request, because SIP over WebSocket is served at a
 * path (RFC 7118 §4), and the engine's own client asks for `/`.
 */
export async function openBridge(to: {
  host: string;
  port: number;
  tls: boolean;
  path?: string;
}): Promise<Bridge> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((near) => {
    keep(near);
    const { host, port } = to;
    const far = keep(
      to.tls ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port }),
    );
    let isFirst = to.path !== undefined;
    near.on('data', (chunk: Buffer) => {
      far.write(isFirst ? chunk.toString('latin1').replace(/^GET \/ /, `GET ${to.path} `) : chunk, 'latin1');
      isFirst = false;
    });
    far.on('data', (chunk: Buffer) => near.write(chunk));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
