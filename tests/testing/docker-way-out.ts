import { execFile } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { promisify } from 'node:util';

/** Something that listens where containers reach it; whoever opened it closes it. */
export interface Door {
  readonly port: number;
  close(): Promise<void>;
}

/** Lets containers reach one port of this machine's loopback. */
export async function openDoor(address: string, toPort: number): Promise<Door> {
  const sockets = new Set<Socket>();
  const server = createServer((from) => join(sockets, from, connect(toPort, '127.0.0.1')));
  return listening(server, address, sockets);
}

/**
 * The one way out that a build has: an HTTP proxy to the npm registry of this machine's settings and to nothing else.
 *
 * @returns `npmrc`: the settings that npm needs inside of the build, for a secret of it.
 */
export async function openRegistryProxy(address: string): Promise<Door & { readonly npmrc: string }> {
  const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], { timeout: 30_000 });
  const registry = new URL(stdout.trim().split('\n').at(-1) ?? '');
  const port = Number(registry.port || (registry.protocol === 'https:' ? 443 : 80));
  const allowed = `${registry.hostname}:${port}`;
  const sockets = new Set<Socket>();
  const server = createHttpServer((_request, answer) => answer.writeHead(403).end());
  server.on('connect', (request, from: Socket) => {
    if (request.url !== allowed) return void from.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const to = connect(port, registry.hostname, () => from.write('HTTP/1.1 200 OK\r\n\r\n'));
    join(sockets, from, to);
  });
  const door = await listening(server, address, sockets);
  const npmrc = [
    `registry=${registry.href}`,
    `https-proxy=http://${address}:${door.port}`,
    'fetch-retries=3',
    '',
  ];
  return { ...door, npmrc: npmrc.join('\n') };
}

/** Joins both ends; when one goes the other goes. */
function join(sockets: Set<Socket>, from: Socket, to: Socket): void {
  for (const [end, other] of [
    [from, to],
    [to, from],
  ] as const) {
    sockets.add(end);
    end.on('error', () => other.destroy());
    end.on('close', () => {
      sockets.delete(end);
      other.destroy();
    });
    end.pipe(other);
  }
}

async function listening(server: Server, address: string, sockets: Set<Socket>): Promise<Door> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
