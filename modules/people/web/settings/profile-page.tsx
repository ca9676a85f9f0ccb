import { Trouble, useApi, useSession } from '@liaison/core/web';
import { Progress, useLabels } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { getPerson } from '../../contract/index.ts';
import { ProfileForm } from './profile-form.tsx';
import { SettingsPage } from './settings-page.tsx';

/** What others see of me. */
export function Page() {
  const { t } = useTranslation('people');
  const { personId } = useSession();
  const labels = useLabels();
  const person = useApi(getPerson, { params: { id: personId } });
  return (
    <SettingsPage title={t('settings.profile')} meta={t('profile.meta')}>
      <Trouble error={person.error} />
      {person.isPending ? <Progress bare label={labels.loading} /> : null}
      {person.data ? <ProfileForm key={person.data.id} person={person.data} /> : null}
    </SettingsPage>
  );
}
