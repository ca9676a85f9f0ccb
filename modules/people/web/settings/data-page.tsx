import { exportMyData } from '@liaison/core/contract';
import { routeUrl, useSession } from '@liaison/core/web';
import { Button, Section, Thing, Things } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { Administrators } from '../shared/administrators.tsx';
import classes from './settings.module.css';
import { SettingsPage } from './settings-page.tsx';

const kept = ['profile', 'sessions', 'talks', 'calls', 'log'] as const;

/** What is kept about me, why, for how long; and how to have it, or have it erased. */
export function Page() {
  const { t } = useTranslation('people');
  const { orgName } = useSession();
  return (
    <SettingsPage title={t('settings.data')} meta={t('data.meta')}>
      <Section title={t('data.kept')} why={t('data.keptWhy', { organisation: orgName })}>
        <Things label={t('data.kept')}>
          {kept.map((each) => (
            <Thing key={each} name={t(`data.what.${each}`)} second={t(`data.why.${each}`)} />
          ))}
        </Things>
      </Section>
      <Section title={t('data.have')} why={t('data.haveWhy')}>
        <div>
          <Button variant="default" href={routeUrl(exportMyData)}>
            {t('data.download')}
          </Button>
        </div>
        <p className={classes.text}>{t('data.ask')}</p>
        <Administrators />
      </Section>
    </SettingsPage>
  );
}
