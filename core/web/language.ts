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
