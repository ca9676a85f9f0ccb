import { Trouble, useApi, useSession } from '@liaison/core/web';
import { useTranslation } from 'react-i18next';
import { getPerson } from '../../contract/index.ts';
import { ProfileForm } from './profile-form.tsx';
import { SettingsPage } from './settings-page.tsx';

/** What others see of me. */
export function Page() {
  const { t } = useTranslation('people');
  const { personId } = useSession();
  const person = useApi(getPerson, { params: { id: personId } });
  return (
    <SettingsPage title={t('settings.profile')} meta={t('profile.meta')}>
      <Trouble error={person.error} />
      {person.data ? <ProfileForm key={person.data.id} person={person.data} /> : null}
    </SettingsPage>
  );
}
