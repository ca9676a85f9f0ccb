import i18next from 'i18next';
import { expect, test } from 'vitest';
import { countAsInPortugal } from './i18n.ts';

test('each language counts as its own readers do', async () => {
  const i18n = i18next.createInstance();
  const words = { file_one: '{{count}} one', file_many: '{{count}} many', file_other: '{{count}} other' };
  const strings = { core: words };
  await i18n.init({
    lng: 'pt',
    defaultNS: 'core',
    fallbackLng: false,
    resources: { en: strings, fr: strings, es: strings, pt: strings },
  });
  countAsInPortugal(i18n);
  const counted = (lng: string) => [0, 1, 2, 1_000_000].map((count) => i18n.t('file', { count, lng }));
  expect(counted('pt')).toEqual(['0 other', '1 one', '2 other', '1000000 many']);
  expect(counted('fr')).toEqual(['0 one', '1 one', '2 other', '1000000 many']);
  expect(counted('es')).toEqual(['0 other', '1 one', '2 other', '1000000 many']);
  expect(counted('en')).toEqual(['0 other', '1 one', '2 other', '1000000 other']);
});
