import {
  isLanguage,
  Trouble,
  useAction,
  useColorScheme,
  useLetterKeys,
  useRefreshSession,
  useSession,
} from '@liaison/core/web';
import { type ColorScheme, Radio, Section, Switch } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { changeProfile } from '../../contract/index.ts';
import { LanguageSelect } from '../shared/language-select.tsx';
import classes from './settings.module.css';
import { SettingsPage } from './settings-page.tsx';

const schemes = ['auto', 'light', 'dark'] as const satisfies readonly ColorScheme[];

/** How Liaison looks and is handled: on this device, and in which language. */
export function Page() {
  const { t, i18n } = useTranslation('people');
  const { personId } = useSession();
  const refreshSession = useRefreshSession();
  const [scheme, setScheme] = useColorScheme();
  const [letters, setLetters] = useLetterKeys();
  const save = useAction(changeProfile, { onDone: () => void refreshSession().catch(() => {}) });
  const language = isLanguage(i18n.language) ? i18n.language : 'en';
  return (
    <SettingsPage title={t('settings.appearance')} meta={t('appearance.meta')}>
      <Section title={t('appearance.theme')} why={t('appearance.themeWhy')}>
        <div className={classes.stack} role="radiogroup" aria-label={t('appearance.theme')}>
          {schemes.map((each) => (
            <Radio
              key={each}
              name="scheme"
              label={t(`appearance.${each}`)}
              checked={scheme === each}
              onChange={() => setScheme(each)}
            />
          ))}
        </div>
      </Section>
      <Section title={t('field.language')} why={t('appearance.languageWhy')}>
        <LanguageSelect
          value={language}
          onChange={(chosen) => {
            void i18n.changeLanguage(chosen);
            save.mutate({ params: { id: personId }, body: { language: chosen } });
          }}
        />
        <Trouble error={save.error} title={t('notSaved')} />
      </Section>
      <Section title={t('appearance.keys')} why={t('appearance.keysWhy')}>
        <Switch
          label={t('appearance.letters')}
          checked={letters}
          onChange={(event) => setLetters(event.currentTarget.checked)}
        />
      </Section>
    </SettingsPage>
  );
}
