import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FromPage, type FromServer, liveClose } from '@liaison/core/contract';
import { createHttp, serveWebApp } from '@liaison/core/http';
import { getSession, type SessionState, signOut } from '@liaison/people';
import { build } from 'vite';
import { WebSocketServer } from 'ws';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const id = '01900000-0000-7000-8000-000000000001';

const signedIn = (name: string): SessionState => ({
  state: 'signed-in',
  sessionId: id,
  personalSpaceId: id,
  person: {
    id,
    name,
    address: 'someone@estuaria.example',
    extension: '4101',
    title: null,
    office: null,
    timeZone: 'Europe/Lisbon',
    language: 'en',
    photo: null,
    role: 'member',
    status: 'active',
    numbers: [],
    bio: null,
    speaks: [],
    teams: [],
  },
  organisation: {
    id,
    name: 'Estuaria',
    domain: 'estuaria.example',
    realm: 'estuaria.example',
    languages: ['en'],
    timeZone: 'Europe/Lisbon',
    requireSecondFactor: false,
    teamMakers: 'members',
  },
});

/** Builds the app with stand-in modules into a scratch folder. The caller removes it. */
async function buildApp(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-web-'));
  // As people get it: under a test runner's NODE_ENV it would be React's development build, and without a worker.
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  await build({
    configFile: here('../vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder },
    plugins: [
      {
        name: 'stand-in-modules',
        enforce: 'pre',
        resolveId: (source) => (source === './modules.ts' ? here('./modules.tsx') : null),
      },
    ],
  });
  process.env.NODE_ENV = NODE_ENV;
  return folder;
}

/**
 * The built shell on the suite's own HTTP server, with a session and a live socket that tests turn as they like.
 * The caller closes it.
 */
export async function startStandIn() {
  const folder = await buildApp();
  const faults: string[] = [];
  const note = (_fields: unknown, message: string): void => void faults.push(message);
  const http = createHttp({ log: { info() {}, warn: note, error: note } });
  const sockets = new WebSocketServer({ noServer: true });
  let name: string | null = 'Inês Carvalhal';
  let buildName = 'one';
  let open = true;
  const cut = (code: number): void => {
    for (const socket of sockets.clients) socket.close(code);
  };
  http.route(
    getSession,
    async (): Promise<SessionState> => (name === null ? { state: 'signed-out' } : signedIn(name)),
  );
  http.route(signOut, async () => {
    name = null;
    cut(liveClose.signedOut);
    return undefined;
  });
  http.fastify.post('/api/v1/stand-in/sign-in', async () => {
    name = 'Tomás Quevedo-Reis';
    return {};
  });
  http.upgrade('/api/v1/live', (request, socket, head) => {
    if (!open || name === null) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const send = (message: FromServer): void => webSocket.send(JSON.stringify(message));
      webSocket.on('message', (data) => {
        const message = JSON.parse(String(data)) as FromPage;
        if (message.t === 'ping') send({ t: 'pong' });
        if (message.t !== 'hello') return;
        send({
          t: 'welcome',
          v: 1,
          build: buildName,
          connectionId: id,
          personId: id,
          positions: { [id]: 3 },
        });
      });
    });
  });
  await serveWebApp(http, folder);
  const { httpPort } = await http.listen({ host: '127.0.0.1', httpPort: 0 });
  return {
    url: `http://localhost:${httpPort}`,
    faults,
    signIn(who: string): void {
      name = who;
    },
    revoke(): void {
      name = null;
      cut(liveClose.signedOut);
    },
    loseConnections(): void {
      open = false;
      for (const socket of sockets.clients) socket.terminate();
    },
    takeConnections(): void {
      open = true;
    },
    installBuild(next: string): void {
      buildName = next;
      // As a server that restarts does (RFC 6455 §7.4.1, 1012 in the IANA registry: service restart).
      cut(1012);
    },
    async close(): Promise<void> {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await http.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
