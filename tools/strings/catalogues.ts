import type { Finding } from '../source/finding.ts';
import type { SourceTree } from '../source/tree.ts';
import type { Workspace } from '../source/workspaces.ts';

/** The languages of the four sites; the first is the one that the others are compared with. */
export const LANGUAGES = ['en', 'fr', 'es', 'pt'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A file for each language: `strings/fr.json`, or `strings/NAMESPACE.fr.json` where a folder holds several. */
export interface Catalogue {
  workspace: Workspace;
  /** The names under which other parts reach it (`chat:title`); the first is the usual one. */
  namespaces: readonly string[];
  folder: string;
  fileOf(language: Language): string;
  /** Nested keys are joined with dots. */
  languages: ReadonlyMap<Language, ReadonlyMap<string, string>>;
}

const CATEGORY = 'zero|one|two|few|many|other';
const PLURAL = new RegExp(`^(.+?)(_ordinal)?_(${CATEGORY})$`);

/** `inbox_one` → its family `inbox` and the category; undefined for a key without a plural ending. */
export function pluralOf(key: string): { base: string; ordinal: boolean; category: string } | undefined {
  const match = PLURAL.exec(key);
  if (!match?.[1] || !match[3]) return undefined;
  return { base: match[1], ordinal: match[2] !== undefined, category: match[3] };
}

/** The keys of a catalogue that are forms of one plural: those whose family has an `_other`. */
export function pluralFamilies(keys: Iterable<string>): Map<string, Set<string>> {
  const families = new Map<string, Set<string>>();
  for (const key of keys) {
    const plural = pluralOf(key);
    if (!plural) continue;
    const family = `${plural.base}${plural.ordinal ? '_ordinal' : ''}`;
    families.set(family, (families.get(family) ?? new Set()).add(plural.category));
  }
  for (const [family, categories] of families) if (!categories.has('other')) families.delete(family);
  return families;
}

export function readCatalogues(tree: SourceTree): { catalogues: Catalogue[]; findings: Finding[] } {
  const places = new Map<string, { folder: string; name: string | undefined }>();
  for (const path of tree.paths) {
    const match = /^(.+\/strings)\/(?:([a-z][a-z0-9-]*)\.)?([a-z]{2})\.json$/.exec(path);
    if (!match?.[1] || /\/testdata\//.test(path)) continue;
    places.set(`${match[1]}/${match[2] ?? ''}`, { folder: match[1], name: match[2] });
  }

  const catalogues: Catalogue[] = [];
  const findings: Finding[] = [];
  for (const { folder, name } of places.values()) {
    const workspace = tree.workspaceOf(folder);
    if (!workspace) continue;
    const fileOf = (language: Language): string =>
      `${folder}/${name === undefined ? '' : `${name}.`}${language}.json`;
    const languages = new Map<Language, ReadonlyMap<string, string>>();
    for (const language of LANGUAGES) {
      const file = fileOf(language);
      const entries = new Map<string, string>();
      languages.set(language, entries);
      if (!tree.has(file)) {
        findings.push({
          file: folder,
          line: 0,
          what: `has no ${file.slice(folder.length + 1)}`,
          why: `everything is said in ${LANGUAGES.join(', ')}`,
          mend: 'write it',
        });
        continue;
      }
      try {
        flatten(JSON.parse(tree.text(file)), '', entries);
      } catch (error) {
        findings.push({
          file,
          line: 0,
          what: `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
          why: 'no text of it can be shown',
          mend: 'write an object of texts, nested as you like',
        });
      }
    }
    const namespaces = name === undefined ? namespacesOf(workspace) : [name];
    catalogues.push({ workspace, namespaces, folder, fileOf, languages });
  }
  return { catalogues, findings };
}

/** The line on which a key stands, as well as a search can tell; 0 where nothing of it is there. */
export function lineOfKey(tree: SourceTree, file: string, key: string): number {
  if (!tree.has(file)) return 0;
  const text = tree.text(file);
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const whole = text.indexOf(`"${key}"`);
  if (whole >= 0) return lineAt(whole);
  // Nested: each part stands behind the one that it lies in. Of a key that is absent, the innermost part that is there.
  let at = -1;
  for (const part of key.split('.')) at = Math.max(at, text.indexOf(`"${part}"`, at + 1));
  return at < 0 ? 0 : lineAt(at);
}

function namespacesOf({ layer, shortName, packageName }: Workspace): string[] {
  const names = [shortName, packageName.slice(packageName.lastIndexOf('/') + 1)];
  if (layer === 'apps' && shortName === 'web') names.push('app', 'shell');
  return [...new Set(names)];
}

function flatten(value: unknown, prefix: string, entries: Map<string, string>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`'${prefix}' is not an object`);
  for (const [name, inner] of Object.entries(value)) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (typeof inner === 'string') entries.set(key, inner);
    else flatten(inner, key, entries);
  }
}
