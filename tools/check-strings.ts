import { faceOf } from './boundaries/faces.ts';
import { type Finding, reportFindings, sortFindings } from './source/finding.ts';
import { isCode, isTest, readTree, type SourceTree } from './source/tree.ts';
import {
  type Catalogue,
  LANGUAGES,
  lineOfKey,
  pluralFamilies,
  pluralOf,
  readCatalogues,
} from './strings/catalogues.ts';
import { checkLiterals } from './strings/literals.ts';
import { type FileUsages, readUsages, type Usage } from './strings/usages.ts';

/** Every text is there in every language, asked for, and asked for rightly. */
export function checkStrings(tree: SourceTree): Finding[] {
  const { catalogues, findings } = readCatalogues(tree);
  const files: FileUsages[] = [];
  for (const path of tree.paths) {
    if (!isCode(path) || isTest(path)) continue;
    const face = faceOf(tree, path);
    const workspace = tree.workspaceOf(path);
    if (!workspace || face === 'build') continue;
    const spoken = face === 'web' || catalogues.some((catalogue) => catalogue.workspace === workspace);
    const usages = readUsages(tree, path);
    // Keys may be named anywhere (a table in a contract); `t('…')` is a text only where there are texts.
    files.push(
      spoken ? usages : { ...usages, usages: [], patterns: usages.patterns.filter(({ asked }) => !asked) },
    );
    if (spoken) {
      for (const usage of usages.usages) findings.push(...checkUsage(tree, catalogues, usage));
      for (const { file, line, pattern, text, asked } of usages.patterns) {
        if (
          !asked ||
          catalogues.some((catalogue) => keysOf(catalogue).some((key) => matches(catalogue, key, pattern)))
        )
          continue;
        findings.push({
          file,
          line,
          what: `asks for '${text}', which no key matches`,
          why: 'the page would show the key itself',
          mend: 'add the keys to strings/',
        });
      }
    }
    if (face === 'web' && path.endsWith('.tsx')) findings.push(...checkLiterals(tree, path));
  }
  for (const catalogue of catalogues) {
    findings.push(...compareLanguages(tree, catalogue), ...unusedKeys(tree, catalogue, catalogues, files));
  }
  return sortFindings(findings);
}

function englishOf(catalogue: Catalogue): ReadonlyMap<string, string> {
  return catalogue.languages.get('en') ?? new Map();
}

/** Every key of any language, plurals as their family. */
function keysOf(catalogue: Catalogue): string[] {
  return [...new Set([...catalogue.languages.values()].flatMap((entries) => familyKeys(entries)))];
}

function familyKeys(entries: ReadonlyMap<string, string>): string[] {
  const families = pluralFamilies(entries.keys());
  const keys = [...entries.keys()].filter((key) => {
    const plural = pluralOf(key);
    return !plural || !families.has(`${plural.base}${plural.ordinal ? '_ordinal' : ''}`);
  });
  return [...keys, ...families.keys()];
}

function matches({ namespaces }: Catalogue, key: string, pattern: RegExp): boolean {
  return pattern.test(key) || namespaces.some((namespace) => pattern.test(`${namespace}:${key}`));
}

/** The catalogues in which a key is looked for, and the key without its namespace. */
function resolve(
  tree: SourceTree,
  catalogues: readonly Catalogue[],
  usage: Usage,
): { key: string; places: Catalogue[] } {
  const at = usage.key.indexOf(':');
  const key = usage.key.slice(at + 1);
  const named = at >= 0 ? [usage.key.slice(0, at)] : usage.namespaces;
  const own = tree.workspaceOf(usage.file);
  const places = catalogues.filter((catalogue) =>
    named ? catalogue.namespaces.some((namespace) => named.includes(namespace)) : catalogue.workspace === own,
  );
  return { key, places };
}

function checkUsage(tree: SourceTree, catalogues: readonly Catalogue[], usage: Usage): Finding[] {
  const { key, places } = resolve(tree, catalogues, usage);
  const { file, line, variables } = usage;
  const families = (entries: ReadonlyMap<string, string>): Map<string, Set<string>> =>
    pluralFamilies(entries.keys());
  for (const place of places) {
    const english = englishOf(place);
    const forms = [...english].filter(([name]) => name === key || pluralOf(name)?.base === key);
    const byContext = variables?.has('context') || variables?.has('returnObjects') || variables === undefined;
    if (
      forms.length === 0 &&
      byContext &&
      [...english.keys()].some((name) => /^[._]/.test(name.slice(key.length)) && name.startsWith(key))
    ) {
      return [];
    }
    if (forms.length === 0) continue;
    if (variables === undefined) return [];
    const wanted = new Set(forms.flatMap(([, text]) => [...variablesIn(text)]));
    if (families(english).has(key) && !english.has(key)) wanted.add('count');
    const missing = [...wanted].filter((name) => !variables.has(name.split('.')[0] ?? name));
    if (missing.length === 0) return [];
    return [
      {
        file,
        line,
        what: `asks for '${usage.key}' without ${missing.join(', ')}`,
        why: 'the text has a place for it, which would stay empty',
        mend: `give it: t('${usage.key}', { ${missing.join(', ')} })`,
      },
    ];
  }
  return [
    {
      file,
      line,
      what: `asks for '${usage.key}', which ${places.length === 0 ? 'is in no strings/' : `is not in ${places.map(({ folder }) => folder).join(', ')}`}`,
      why: 'the page would show the key itself',
      mend: `add it to ${LANGUAGES.join(', ')}`,
    },
  ];
}

function compareLanguages(tree: SourceTree, catalogue: Catalogue): Finding[] {
  const findings: Finding[] = [];
  const english = englishOf(catalogue);
  const all = keysOf(catalogue);
  for (const language of LANGUAGES) {
    const entries = catalogue.languages.get(language) ?? new Map<string, string>();
    const file = catalogue.fileOf(language);
    if (!tree.has(file)) continue;
    const found = (key: string, what: string, why: string, mend: string): void => {
      findings.push({ file, line: lineOfKey(tree, file, key), what, why, mend });
    };
    const own = new Set(familyKeys(entries));
    for (const key of all) {
      if (!own.has(key))
        found(key, `has no '${key}'`, 'another language has it', 'say it in this language too');
    }
    for (const [family, categories] of pluralFamilies(entries.keys())) {
      const ordinal = family.endsWith('_ordinal');
      const rules = new Intl.PluralRules(language, { type: ordinal ? 'ordinal' : 'cardinal' });
      const needed = rules.resolvedOptions().pluralCategories as string[];
      const missing = needed.filter((category) => !categories.has(category));
      // i18next takes `_zero` for 0 in every language, whether its grammar has it or not.
      const extra = [...categories].filter((category) => !needed.includes(category) && category !== 'zero');
      if (missing.length > 0) {
        found(
          `${family}_other`,
          `has '${family}' without ${missing.map((category) => `_${category}`).join(', ')}`,
          `the plural of '${language}' has these forms`,
          'write them',
        );
      }
      for (const category of extra) {
        found(
          `${family}_${category}`,
          `has '${family}_${category}'`,
          `'${language}' has no such form`,
          'remove it',
        );
      }
    }
    for (const [key, text] of entries) {
      if (text.trim() === '') found(key, `has an empty '${key}'`, 'nothing would be shown', 'say it');
      const original = originalOf(english, key);
      if (language === 'en' || original === undefined) continue;
      if (text === original && (text.match(/\p{L}+/gu) ?? []).length >= 4) {
        found(key, `has '${key}' in English`, 'a text of this length differs', 'translate it');
      }
      const plural = pluralOf(key) !== undefined;
      const fault =
        differ(variablesIn(text), variablesIn(original), plural ? 'count' : undefined) ??
        differ(tagsIn(text), tagsIn(original), undefined);
      if (fault !== undefined) {
        found(
          key,
          `has '${key}' ${fault}`,
          'the same values are put into every language',
          'use the same names in all',
        );
      }
    }
  }
  return findings;
}

/** The English text that a text is held against: for a plural form that English lacks, its `_other`. */
function originalOf(english: ReadonlyMap<string, string>, key: string): string | undefined {
  const plural = pluralOf(key);
  return (
    english.get(key) ??
    (plural ? english.get(`${plural.base}${plural.ordinal ? '_ordinal' : ''}_other`) : undefined)
  );
}

/** `{{name}}`, `{{- html}}` and `{{when, date}}` → name, html, when. */
function variablesIn(text: string): Set<string> {
  return new Set([...text.matchAll(/\{\{-?\s*([\w.]+)[^}]*\}\}/g)].map((match) => match[1] ?? ''));
}

function tagsIn(text: string): Set<string> {
  return new Set([...text.matchAll(/<\/?([\w-]+)\s*\/?>/g)].map((match) => `<${match[1]}>`));
}

function differ(here: Set<string>, there: Set<string>, optional: string | undefined): string | undefined {
  const missing = [...there].filter((name) => !here.has(name) && name !== optional);
  const extra = [...here].filter((name) => !there.has(name) && name !== optional);
  if (missing.length > 0) return `without ${missing.join(', ')}`;
  return extra.length > 0 ? `with ${extra.join(', ')}, which English has not` : undefined;
}

function unusedKeys(
  tree: SourceTree,
  catalogue: Catalogue,
  catalogues: readonly Catalogue[],
  files: readonly FileUsages[],
): Finding[] {
  const used = new Set<string>();
  const starts: string[] = [];
  for (const usage of files.flatMap(({ usages }) => usages)) {
    const { key, places } = resolve(tree, catalogues, usage);
    if (!places.includes(catalogue)) continue;
    used.add(key);
    const opaque = usage.variables === undefined;
    if (opaque || usage.variables?.has('context')) starts.push(`${key}_`);
    if (opaque || usage.variables?.has('returnObjects')) starts.push(`${key}.`);
    if (usage.variables?.has('ordinal')) used.add(`${key}_ordinal`);
  }
  for (const text of englishOf(catalogue).values()) {
    for (const match of text.matchAll(/\$t\(([\w.:-]+)/g)) used.add((match[1] ?? '').replace(/^.*:/, ''));
  }
  const isUsed = (key: string): boolean =>
    used.has(key) ||
    starts.some((start) => key.startsWith(start)) ||
    files.some(
      ({ mentions, patterns }) =>
        mentions.has(key) ||
        catalogue.namespaces.some((namespace) => mentions.has(`${namespace}:${key}`)) ||
        patterns.some(({ pattern }) => matches(catalogue, key, pattern)),
    );
  const file = catalogue.fileOf('en');
  return familyKeys(englishOf(catalogue))
    .filter((key) => !isUsed(key))
    .map((key) => ({
      file,
      line: lineOfKey(tree, file, key),
      what: `has '${key}', which nothing asks for`,
      why: 'four translations are kept for nobody',
      mend: 'remove it from every language',
    }));
}

if (import.meta.main) reportFindings('strings', checkStrings(readTree(process.cwd())));
