import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { early } from './build/early.ts';
import { jsonImports } from './build/json-imports.ts';
import { leanContracts } from './build/lean-contracts.ts';
import { offlineShell } from './build/offline-shell.ts';
import { precompressed } from './build/precompressed.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Where `npm run dev` finds the server. */
const server = process.env.LIAISON_DEV_SERVER ?? 'http://localhost:8080';

const libraries =
  /\/node_modules\/(?:react|react-dom|scheduler|i18next|react-i18next|use-sync-external-store|@tanstack\/(?:query-core|react-query|router-core|react-router|history|store|react-store))\//;

/** What runs before the rest has come, the bundler's own small change among it. */
const earlyFiles =
  /\/apps\/web\/src\/early\.ts$|\/core\/web\/(?:language|request|request-problem)\.ts$|\/core\/contract\/(?:problem|route)\.ts$|\/people\/contract\/api\/session\.ts$|vite\/preload-helper|rolldown\/runtime/;

/** A file of words that the first screen needs, by its language: not those of a module that brings words for the rail. */
function wordsOf(id: string): string | null {
  const [, folder, nav, language] = /^(.*\/strings)\/(?:(\w+-nav)\.)?([a-z]{2})\.json$/.exec(id) ?? [];
  if (!folder || !language) return null;
  const isLate = !nav && readdirSync(folder).some((name) => name.endsWith(`-nav.${language}.json`));
  return isLate ? null : `words-${language}`;
}

/** The module whose screen a file is a part of. */
const moduleOf = (id: string): string | null => /\/modules\/([a-z-]+)\//.exec(id)?.[1] ?? null;

const short = (name: string): string => name.split('~', 1)[0] ?? name;

/** Nothing is inlined and no script stands in the page, so that the strict policy of core/http holds. */
export default defineConfig({
  root: here('.'),
  plugins: [react(), jsonImports(), leanContracts(), early(), offlineShell(), precompressed()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      input: { main: here('index.html'), early: here('src/early.ts'), sw: here('src/worker.ts') },
      // Their barrels may be read for one name without bringing the rest along.
      treeshake: {
        moduleSideEffects: [
          { test: /\/(?:core\/(?:web|contract)|modules\/[^/]+\/contract)\//, sideEffects: false },
        ],
      },
      output: {
        // What every page needs anyway is two files, one of libraries that rarely change: fewer requests, and it
        // compresses better than crumbs. What several pages share goes by who shares it; crumbs join their neighbours.
        codeSplitting: {
          groups: [
            { name: 'early', test: earlyFiles, priority: 50 },
            { name: 'vendor', tags: ['$initial'], test: libraries, priority: 40 },
            {
              name: 'app',
              tags: ['$initial'],
              test: (id) => !/\/src\/worker(?:-push)?\.ts$/.test(id),
              priority: 30,
            },
            // All words of the first screen in one file per language.
            { name: wordsOf, debugName: 'words', priority: 20 },
            // What weighs and only some pages use, each with all that it stands on.
            // What several of these stand on, so that none brings another along.
            { name: 'dialog', test: /\/ui\/src\/(?:confirm-)?dialog\.tsx$/, priority: 18 },
            { name: 'switch', test: /\/ui\/src\/switch\.ts$/, priority: 17 },
            { name: 'fields', test: /\/ui\/src\/fields\.ts$/, priority: 16 },
            { name: 'floating', test: /\/@floating-ui\/|\/esm\/components\/Popover\//, priority: 15 },
            { name: 'select', test: /\/ui\/src\/select\.ts$/, priority: 14 },
            { name: 'menu', test: /\/ui\/src\/menu\.ts$/, priority: 13 },
            // The small things of the design system that several pages use, and what pages of one module share.
            {
              name: 'kit',
              test: /\/ui\/src\/(?!palette|table|composer|message)|\/@tabler\//,
              minShareCount: 2,
              priority: 11,
            },
            {
              name: moduleOf,
              debugName: 'modules',
              minShareCount: 2,
              entriesAware: true,
              entriesAwareMergeThreshold: 500,
              priority: 10,
            },
          ],
        },
        // A shared chunk is named by all who share it, which is longer than some of them.
        chunkFileNames: (chunk) => `assets/${short(chunk.name)}-[hash].js`,
        assetFileNames: ({ names: [name = ''] }) =>
          `assets/${short(name.replace(/\.\w+$/, ''))}-[hash][extname]`,
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
    // The host stays as the browser said it: the server refuses what seems to come from another site.
    proxy: { '/api': { target: server, ws: true }, '/healthz': server, '/readyz': server },
  },
});
