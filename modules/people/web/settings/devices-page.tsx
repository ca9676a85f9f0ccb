import { useSession } from '@liaison/core/web';
import { Section } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { DeviceList } from './device-list.tsx';
import { SettingsPage } from './settings-page.tsx';

/** My telephones, and programs that sign in by themselves. */
export function Page() {
  const { t } = useTranslation('people');
  const { personId } = useSession();
  return (
    <SettingsPage title={t('settings.devices')} meta={t('devices.meta')}>
      <Section title={t('devices.title')} why={t('devices.why')}>
        <DeviceList personId={personId} own />
      </Section>
    </SettingsPage>
  );
}
