import { createHash } from 'node:crypto';
import type { Plugin, Rolldown } from 'vite';

type Bundle = Rolldown.OutputBundle;

/** Files beside the build that the shell shows at once. */
const publicFiles = ['/manifest.webmanifest', '/icons/mark.svg'];

/**
 * Tells the service worker what the shell is made of: the page, its entry with everything that it imports at once, the
 * styles of these, and the fonts of Latin text. Their names change with their content, and the version with them. And of
 * what the other pages are made, which it fetches later, so that they open without a network too.
 */
export function offlineShell(): Plugin {
  return {
    name: 'liaison:offline-shell',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') throw new Error('the build has no sw.js');
      // It is no module: an import in it would keep it from starting at all.
      if (worker.imports.length > 0) throw new Error(`sw.js imports ${worker.imports.join(', ')}`);
      const files = [
        '/',
        ...shellFiles(bundle)
          .map((name) => `/${name}`)
          .sort(),
        ...publicFiles,
      ];
      const later = Object.keys(bundle)
        .filter((name) => isPartOfApp(bundle, name))
        .map((name) => `/${name}`)
        .filter((name) => !files.includes(name))
        .sort();
      const version = createHash('sha256')
        .update([...files, ...later].join('\n'))
        .digest('hex')
        .slice(0, 12);
      worker.code = worker.code.replaceAll('__SHELL__', JSON.stringify({ version, files, later }));
    },
  };
}

/** What is larger is asked for by few, such as what draws PDF, and kept once it was. */
const largestLaterBytes = 400_000;

function isPartOfApp(bundle: Bundle, name: string): boolean {
  const file = bundle[name];
  if (!file || !/^assets\/.*\.(js|css)$/.test(name) || name === 'sw.js') return false;
  return (file.type === 'chunk' ? file.code : file.source).length <= largestLaterBytes;
}

function shellFiles(bundle: Bundle): string[] {
  const found = new Set<string>();
  const add = (name: string): void => {
    const file = bundle[name];
    if (!file || found.has(name)) return;
    found.add(name);
    if (file.type !== 'chunk') return;
    for (const imported of file.imports) add(imported);
    for (const style of file.viteMetadata?.importedCss ?? []) add(style);
  };
  for (const file of Object.values(bundle)) {
    if (file.type === 'chunk' && file.isEntry && file.fileName !== 'sw.js') add(file.fileName);
  }
  for (const name of Object.keys(bundle)) if (/-latin-wght-normal-.*\.woff2$/.test(name)) add(name);
  // Strings are fetched by language; without any the page could not say a word.
  for (const file of Object.values(bundle)) {
    if (file.type === 'chunk' && file.moduleIds.some((id) => /\/strings\/[\w.-]+\.json$/.test(id)))
      add(file.fileName);
  }
  return [...found];
}
