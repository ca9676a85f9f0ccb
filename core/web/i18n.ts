import i18next, { type i18n as I18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { isLanguage, type Language, languages, pickLanguage, type StringsLoader } from './language.ts';

const storageKey = 'liaison.language';

/** Loaders of every namespace: modules, `shell`, `core`. */
export type Namespaces = Readonly<Record<string, Readonly<Record<Language, StringsLoader>>>>;

/** Strings that core/web brings itself. */
const coreNamespace: Namespaces = {
  core: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
};

/** The language that this browser last used here, else the first of its own that the suite speaks. */
export function browserLanguage(): Language {
  try {
    const kept = localStorage.getItem(storageKey);
    if (isLanguage(kept)) return kept;
  } catch {
    // Storage is forbidden: the browser's own wish holds.
  }
  return pickLanguage(navigator.languages);
}

/**
 * Starts translation. Strings of the current language are fetched when first needed; a change of language fetches the
 * same namespaces again and then redraws. English stands in for what is missing.
 */
export async function startI18n(
  namespaces: Namespaces,
  language: Language = browserLanguage(),
): Promise<I18n> {
  const all: Namespaces = { ...coreNamespace, ...namespaces };
  const i18n = i18next.createInstance();
  i18n.on('languageChanged', (next: string) => {
    document.documentElement.lang = next;
    document.documentElement.dir = i18n.dir(next);
    try {
      localStorage.setItem(storageKey, next);
    } catch {
      // Next time the browser's own wish holds.
    }
  });
  await i18n
    .use(initReactI18next)
    .use({
      type: 'backend' as const,
      init() {},
      read(lng: string, namespace: string, done: (error: unknown, strings: unknown) => void) {
        const load = isLanguage(lng) ? all[namespace]?.[lng] : undefined;
        if (!load) return done(new Error(`no strings ${namespace} in ${lng}`), false);
        load().then(
          (strings) => done(null, 'default' in strings ? strings.default : strings),
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
      ns: Object.keys(all),
      defaultNS: 'core',
      interpolation: { escapeValue: false },
      returnNull: false,
      react: { useSuspense: true },
    });
  return i18n;
}
