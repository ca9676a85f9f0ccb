import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { expect, test } from 'vitest';

test('while somebody works on the pages: they come from their sources, and requests reach the server as the browser said them', async () => {
  const server = createHttpServer((request, response) =>
    response.end(`${request.headers.host} ${request.url}`),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const before = process.env.LIAISON_DEV_SERVER;
  process.env.LIAISON_DEV_SERVER = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pages = await createServer({
    configFile: fileURLToPath(new URL('./vite.config.ts', import.meta.url)),
    logLevel: 'silent',
    server: { host: '127.0.0.1', port: 0, strictPort: false, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  try {
    await pages.listen();
    const address = pages.httpServer?.address();
    if (!address || typeof address === 'string') throw new Error('vite has no port');
    const { port } = address;
    const get = async (path: string) =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept: 'text/html' } })).text();
    expect(await get('/phone')).toContain('/src/main.tsx');
    const early = await get('/src/early.ts');
    expect(early).toContain('import("/src/strings/fr.json?import")');
    expect(early).toContain('/core/web/index.ts');
    expect(await get('/api/v1/session')).toBe(`127.0.0.1:${port} /api/v1/session`);
  } finally {
    await pages.close();
    server.close();
    if (before === undefined) delete process.env.LIAISON_DEV_SERVER;
    else process.env.LIAISON_DEV_SERVER = before;
  }
}, 60_000);
