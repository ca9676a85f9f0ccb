import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The gallery alone. `base: './'` so that it can lie in any folder; nothing is inlined, so that a strict CSP holds. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  logLevel: 'warn',
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      // Mantine marks each file for server components; in a bundle for browsers that means nothing.
      onLog: (level, log, report) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
});
