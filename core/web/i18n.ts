import i18next, { type i18n as I18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import {
  browserLanguage,
  isLanguage,
  keepLanguage,
  type Language,
  languages,
  type Strings,
  type StringsLoader,
} from './language.ts';
import { tryPatiently } from './try-patiently.ts';
import { typeset } from './typeset.ts';

/** Portuguese is that of Portugal here, where nothing is many, "0 ficheiros"; `pt` alone counts as in Brazil. */
export function countAsInPortugal({ services: { pluralResolver } }: I18n): void {
  const ruleOf = pluralResolver.getRule.bind(pluralResolver);
  pluralResolver.getRule = (code: string, options?: object): Intl.PluralRules =>
    ruleOf(code === 'pt' ? 'pt-PT' : code, options);
}

/** Loaders of every namespace: modules, `shell`, `core`. */
export type Namespaces = Readonly<Record<string, Readonly<Record<Language, StringsLoader>>>>;

/** Resolves when the strings of a namespace are there in the language of now; rejects where they cannot be fetched. */
export async function loadStrings(i18n: I18n, namespace: string): Promise<void> {
  let failure: unknown;
  await i18n.loadNamespaces(namespace, (error) => {
    failure = Array.isArray(error) ? error[0] : error;
  });
  if (!i18n.hasResourceBundle(i18n.language, namespace))
    throw failure instanceof Error ? failure : new Error(`the strings of ${namespace} could not be fetched`);
}

/** Strings that core/web brings itself. */
const coreNamespace: Namespaces = {
  core: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
};

export interface I18nOptions {
  /** Namespaces that the first screen needs; all unless told. */
  readonly first?: readonly string[];
  readonly language?: Language;
}

/**
 * Starts translation. The strings of `first` are fetched at once, others when something that needs them is drawn; a
 * change of language fetches again what was fetched before, and then redraws. Rejects where those of `first` cannot be fetched.
 */
export async function startI18n(
  namespaces: Namespaces,
  { first = Object.keys(namespaces), language = browserLanguage() }: I18nOptions = {},
): Promise<I18n> {
  const all: Namespaces = { ...coreNamespace, ...namespaces };
  const i18n = i18next.createInstance();
  i18n.on('languageChanged', (next: string) => {
    document.documentElement.lang = next;
    document.documentElement.dir = i18n.dir(next);
    keepLanguage(next);
  });
  await i18n
    .use(initReactI18next)
    .use({
      type: 'backend' as const,
      init() {},
      read(lng: string, namespace: string, done: (error: unknown, strings: unknown) => void) {
        const load = isLanguage(lng) ? all[namespace]?.[lng] : undefined;
        if (!load) return done(new Error(`no strings ${namespace} in ${lng}`), false);
        // Words that never came would be keys on the page, and nothing would fetch them again.
        tryPatiently(load).then(
          (strings) =>
            done(null, typeset(('default' in strings ? strings.default : strings) as Strings, lng)),
          (error: unknown) => done(error, false),
        );
      },
    })
    .init({
      lng: language,
      supportedLngs: [...languages],
      // A missing string fails the check, so that English need not be fetched beside each other language.
      fallbackLng: false,
      load: 'languageOnly',
      ns: [...Object.keys(coreNamespace), ...first],
      defaultNS: 'core',
      interpolation: { escapeValue: false },
      returnNull: false,
      react: { useSuspense: true },
    });
  countAsInPortugal(i18n);
  for (const namespace of [...Object.keys(coreNamespace), ...first]) await loadStrings(i18n, namespace);
  return i18n;
}
