import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** A proxy of fifty lines before several processes, as an operator has one. */
export interface TwoWayProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** How often it asks each process whether it is ready. */
const askEveryMs = 250;

/**
 * Gives each request to a process that is ready, in turn, over kept connections, and never twice: what fails behind it fails
 * before it. Whoever starts it closes it.
 */
export async function startTwoWayProxy(targets: readonly string[]): Promise<TwoWayProxy> {
  const ready = new Set(targets);
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const next = (): URL | undefined => {
    const open = targets.filter((target) => ready.has(target));
    turn += 1;
    const target = open[turn % open.length];
    return target === undefined ? undefined : new URL(target);
  };
  const looking = setInterval(() => {
    for (const target of targets) {
      fetch(`${target}/readyz`)
        .then(({ ok }) => (ok ? ready.add(target) : ready.delete(target)))
        .catch(() => ready.delete(target));
    }
  }, askEveryMs);

  const server = createServer((incoming, answer) => {
    const target = next();
    if (!target) return void answer.writeHead(502).end();
    const passed = httpRequest(
      {
        host: target.hostname,
        port: target.port,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
        agent,
      },
      (reply) => {
        const { connection: _, ...headers } = reply.headers;
        answer.writeHead(reply.statusCode ?? 502, headers);
        reply.pipe(answer);
      },
    );
    passed.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    incoming.pipe(passed);
  });
  server.on('upgrade', (incoming: IncomingMessage, socket, head) => {
    const target = next();
    if (!target) return void socket.destroy();
    const behind = connect(Number(target.port), target.hostname, () => {
      const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
      for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
        lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`);
      }
      behind.write(`${lines.join('\r\n')}\r\n\r\n`);
      behind.write(head);
      behind.pipe(socket).pipe(behind);
    });
    for (const [end, other] of [
      [behind, socket],
      [socket, behind],
    ] as const) {
      end.on('error', () => other.destroy());
      end.on('close', () => other.destroy());
    }
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      clearInterval(looking);
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
