import { describe, expect, test } from 'vitest';
import { checkStrings } from './check-strings.ts';
import { formatFinding } from './source/finding.ts';
import { type Files, manifest, withTree } from './testing/scratch-tree.ts';

const ENGLISH = {
  title: 'Rooms',
  greeting: 'Hello {{name}}',
  state: { open: 'Open', shut: 'Shut' },
  unread_one: '{{count}} message',
  unread_other: '{{count}} messages',
  hint: 'Press <1>here</1>',
  nav: 'Chat',
};
const FRENCH = {
  title: 'Salons',
  greeting: 'Bonjour {{name}}',
  state: { open: 'Ouvert', shut: 'Fermé' },
  unread_one: '{{count}} message',
  unread_many: '{{count}} de messages',
  unread_other: '{{count}} messages',
  hint: 'Appuyez <1>ici</1>',
  nav: 'Discussion',
};
const PAGE = `import { Trans, useTranslation } from 'react-i18next';
export const nav = { label: 'chat:nav' };
export function Chat({ state, n }: { state: string; n: number }) {
  const { t } = useTranslation('chat');
  return (
    <main aria-label={t('title')}>
      {t('greeting', { name: 'Ada' })} {t(\`state.\${state}\`)} {t('unread', { count: n })} ×
      <Trans i18nKey="hint"><b /></Trans> <kbd>Ctrl K</kbd> Liaison
    </main>
  );
}
`;

const SOUND: Files = {
  'modules/chat/package.json': manifest('@liaison/chat', { './web': './web/index.tsx' }, {}),
  'modules/chat/web/index.tsx': PAGE,
  'modules/chat/web/strings/en.json': JSON.stringify(ENGLISH, null, 2),
  'modules/chat/web/strings/fr.json': JSON.stringify(FRENCH, null, 2),
  'modules/chat/web/strings/es.json': JSON.stringify({ ...FRENCH, title: 'Salas' }, null, 2),
  'modules/chat/web/strings/pt.json': JSON.stringify({ ...FRENCH, title: 'Salas' }, null, 2),
};

function findingsWith(changes: Files): string[] {
  return withTree({ ...SOUND, ...changes }, (tree) => checkStrings(tree).map(formatFinding));
}
const page = (from: string, to: string): Files => ({ 'modules/chat/web/index.tsx': PAGE.replace(from, to) });
const french = (changes: object): Files => ({
  'modules/chat/web/strings/fr.json': JSON.stringify({ ...FRENCH, ...changes }, null, 2),
});

test('sound strings have no finding', () => {
  expect(findingsWith({})).toEqual([]);
});

const BROKEN: [rule: string, changes: Files, finding: RegExp][] = [
  [
    'a language is absent',
    { 'modules/chat/web/strings/pt.json': undefined },
    /^modules\/chat\/web\/strings has no pt\.json/,
  ],
  [
    'a key is missing in a language',
    french({ title: undefined }),
    /^modules\/chat\/web\/strings\/fr\.json has no 'title'/,
  ],
  [
    'a nested key is missing',
    french({ state: { open: 'Ouvert' } }),
    /^modules\/chat\/web\/strings\/fr\.json:4 has no 'state\.shut'/,
  ],
  [
    'a key that nothing asks for',
    page("label: 'chat:nav'", "label: ''"),
    /^modules\/chat\/web\/strings\/en\.json:11 has 'nav', which nothing/,
  ],
  [
    'a key that is not there',
    page("{t('greeting'", "{t('welcome')} {t('greeting'"),
    /^modules\/chat\/web\/index\.tsx:7 asks for 'welcome', which is not in modules\/chat\/web\/strings/,
  ],
  [
    'a key of a namespace that is not there',
    page("{t('greeting'", "{t('mail:welcome')} {t('greeting'"),
    /index\.tsx:7 asks for 'mail:welcome', which is in no strings\//,
  ],
  [
    'Trans asks for a key that is not there',
    page('<Trans i18nKey="hint">', '<Trans i18nKey="hints" /><Trans i18nKey="hint">'),
    /index\.tsx:8 asks for 'hints'/,
  ],
  [
    'a pattern that no key matches',
    page("{t('greeting'", "{t('mood.' + state)} {t('greeting'"),
    /asks for 'mood\.…', which no key matches/,
  ],
  [
    'a variable that differs',
    french({ greeting: 'Bonjour {{nom}}' }),
    /^modules\/chat\/web\/strings\/fr\.json:3 has 'greeting' without name/,
  ],
  ['a variable too many', french({ title: 'Salons {{n}}' }), /has 'title' with n, which English has not/],
  ['a tag that differs', french({ hint: 'Appuyez ici' }), /has 'hint' without <1>/],
  [
    'a variable that is not given',
    page(", { name: 'Ada' }", ''),
    /index\.tsx:7 asks for 'greeting' without name/,
  ],
  [
    'a plural without its number',
    page(', { count: n }', ', {}'),
    /index\.tsx:7 asks for 'unread' without count/,
  ],
  ['a plural form is missing', french({ unread_many: undefined }), /fr\.json:\d+ has 'unread' without _many/],
  [
    'a plural form that a language has not',
    french({ unread_few: 'x {{count}}' }),
    /fr\.json:\d+ has 'unread_few' · 'fr' has no such form/,
  ],
  ['an empty text', french({ title: ' ' }), /has an empty 'title'/],
  ['text in the page', page(' ×', ' Welcome back'), /index\.tsx:7 says 'Welcome back' in the page/],
  ['text in an expression', page(' ×', " {n > 0 ? 'Some' : ''}"), /index\.tsx:7 says 'Some' in the page/],
  ['text in a template', page(' ×', ` {\`Call \${state}\`}`), /says 'Call' in the page/],
  [
    'a spoken text',
    page("<main aria-label={t('title')}>", '<main aria-label="rooms" id={t(\'title\')}>'),
    /index\.tsx:6 says 'rooms' in aria-label/,
  ],
  ['a title', page('<b />', '<b title={n ? "Big" : undefined} />'), /says 'Big' in title/],
];

describe('one broken rule', () => {
  test.each(BROKEN)('%s', (_rule, changes, finding) => {
    const findings = findingsWith(changes);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(finding);
  });
});

test('a text that was left in English', () => {
  const long = { ...ENGLISH, title: 'All the rooms of your team' };
  const findings = findingsWith({
    'modules/chat/web/strings/en.json': JSON.stringify(long),
    ...french({ title: long.title }),
  });
  expect(findings).toEqual([expect.stringMatching(/fr\.json:2 has 'title' in English/)]);
});

test('a folder with several namespaces, and the default one', () => {
  const core: Files = {
    'core/package.json': manifest('@liaison/core', {}, {}),
    'core/web/save.tsx':
      "export const Save = () => {\n  const { t } = useTranslation();\n  return t('save') + t('problems:not-found');\n};\n",
  };
  for (const language of ['en', 'fr', 'es', 'pt']) {
    core[`core/web/strings/core.${language}.json`] = '{ "save": "Save" }';
    core[`core/web/strings/problems.${language}.json`] = '{ "not-found": "Not there" }';
  }
  expect(findingsWith(core)).toEqual([]);
  expect(findingsWith({ ...core, 'core/web/strings/core.pt.json': undefined })).toEqual([
    expect.stringMatching(/^core\/web\/strings has no core\.pt\.json/),
  ]);
});

test('tests, the server and ids are left alone', () => {
  expect(
    findingsWith({
      'modules/chat/web/page.test.tsx':
        "export const x = <p>Some text {t('nowhere')}</p>; declare const t: (k: string) => string;",
      'modules/people/package.json': manifest('@liaison/people', {}, {}),
      'modules/people/server/t.ts':
        "const t = (name: string): string => name;\nexport const table = t('person');\n",
      'modules/chat/web/tabs.tsx': 'export const x = <b title="general" data-label="Some thing" />;',
    }),
  ).toEqual([]);
});
