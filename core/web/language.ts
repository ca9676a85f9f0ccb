/** The languages of the suite: those of its sites. */
export const languages = ['en', 'fr', 'es', 'pt'] as const;
export type Language = (typeof languages)[number];

/** Each language in its own words, for choosing one. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  fr: 'Français',
  es: 'Español',
  pt: 'Português',
};

/** Words by key; keys may be nested. */
export type Strings = { readonly [key: string]: string | Strings };

/** Fetches the strings of one namespace in one language; a JSON module or its content. */
export type StringsLoader = () => Promise<{ readonly default: Strings } | Strings>;

export const isLanguage = (value: unknown): value is Language => languages.includes(value as Language);

/** The first language of a list of BCP 47 tags that the suite speaks; English where it speaks none. */
export function pickLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    const primary = tag.toLowerCase().split('-', 1)[0];
    if (isLanguage(primary)) return primary;
  }
  return 'en';
}

const storageKey = 'liaison.language';

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

/** Remembers the language for the next start in this browser. */
export function keepLanguage(language: string): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // Next time the browser's own wish holds.
  }
}
