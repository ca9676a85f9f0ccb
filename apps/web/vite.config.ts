import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { leanContracts } from './build/lean-contracts.ts';
import { offlineShell } from './build/offline-shell.ts';
import { precompressed } from './build/precompressed.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Where `npm run dev` finds the server. */
const server = process.env.LIAISON_DEV_SERVER ?? 'http://localhost:8080';

/** Nothing is inlined and no script stands in the page, so that the strict policy of core/http holds. */
export default defineConfig({
  root: here('.'),
  plugins: [react(), leanContracts(), offlineShell(), precompressed()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      input: { main: here('index.html'), sw: here('src/worker.ts') },
      output: {
        // What every page needs anyway is one file each: fewer requests, and it compresses better than crumbs.
        codeSplitting: {
          groups: [
            { name: 'floor', test: /\/core\/(?:web|contract)\/[^/]+\.tsx?$/ },
            {
              name: 'vendor',
              test: /\/node_modules\/(?:react|react-dom|scheduler|i18next|react-i18next|use-sync-external-store|@tanstack\/(?:query-core|react-query|router-core|react-router|history|store|react-store))\//,
            },
          ],
        },
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
      // Mantine marks each file for server components; in a bundle for browsers that means nothing.
      onLog: (level, log, report) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      '/api': { target: server, ws: true },
      '/healthz': server,
    },
  },
});
