import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface GalleryServer {
  url: string;
  close: () => Promise<void>;
}

/**
 * Builds the gallery into a scratch folder and serves it on loopback under the policy that the suite uses: scripts and
 * styles from here, style tags only with this answer's nonce. The caller closes it; that also removes the folder.
 */
export async function startGallery(): Promise<GalleryServer> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-gallery-'));
  await build({
    configFile: fileURLToPath(new URL('./vite.config.ts', import.meta.url)),
    build: { outDir: folder, emptyOutDir: true },
  });
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://gallery').pathname).replace(
      /^\/$/,
      '/index.html',
    );
    readFile(join(folder, path)).then(
      (body) => {
        const type = types[extname(path)] ?? 'application/octet-stream';
        if (extname(path) !== '.html') {
          response.writeHead(200, { 'content-type': type }).end(body);
          return;
        }
        const nonce = randomBytes(16).toString('base64');
        response
          .writeHead(200, {
            'content-type': type,
            'content-security-policy': [
              "default-src 'none'",
              "script-src 'self'",
              `style-src 'self' 'nonce-${nonce}'`,
              "img-src 'self'",
              "font-src 'self'",
              "connect-src 'self'",
            ].join('; '),
          })
          .end(body.toString('utf8').replace('__NONCE__', nonce));
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The gallery has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
