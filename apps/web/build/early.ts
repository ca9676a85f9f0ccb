import type { Plugin } from 'vite';

/**
 * Lets `src/early.ts` overtake the rest: an entry of its own that is run as soon as it has come, while the libraries are
 * still on their way. The page's own entry imports the same file, so it runs once.
 */
export function early(): Plugin {
  return {
    name: 'liaison:early',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const chunk = Object.values(bundle).find(
          (file) => file.type === 'chunk' && file.isEntry && file.name === 'early',
        );
        if (!chunk) throw new Error('the build has no chunk "early"');
        const attrs = { type: 'module', async: true, crossorigin: true, src: `/${chunk.fileName}` };
        return [{ tag: 'script', attrs, injectTo: 'head-prepend' }];
      },
    },
  };
}
