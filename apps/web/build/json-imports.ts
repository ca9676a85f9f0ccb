import type { Plugin } from 'vite';

const attributes = /,\s*\{\s*with:\s*\{\s*type:\s*(["'])json\1\s*\}\s*\}/g;

/**
 * While working on the pages, vite answers a JSON file with a script, which browsers refuse to an import that says it wants
 * JSON. The sources say so, because Node asks for it; a build needs nothing.
 */
export function jsonImports(): Plugin {
  return {
    name: 'liaison:json-imports',
    apply: 'serve',
    enforce: 'post',
    transform(code) {
      const plain = code.replace(attributes, '');
      return plain === code ? null : { code: plain, map: null };
    },
  };
}
