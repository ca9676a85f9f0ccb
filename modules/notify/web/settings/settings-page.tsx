import { Trouble, useApi, usePageTitle } from '@liaison/core/web';
import { PageBody, PageHeader, Progress, useLabels } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { readPreferences } from '../../contract/index.ts';
import { Browsers } from './browsers.tsx';
import { Kinds } from './kinds.tsx';
import { Places } from './places.tsx';
import { TimesForm } from './times-form.tsx';

/** Which news come when, what may be pushed and when, and to which browsers. */
export default function SettingsPage() {
  const { t } = useTranslation('notify');
  const { data, error, isPending } = useApi(readPreferences);
  const labels = useLabels();
  usePageTitle(t('settings.title'));
  return (
    <>
      <PageHeader title={t('settings.title')} meta={t('settings.meta')} />
      <PageBody padded label={t('settings.title')}>
        <Browsers />
        <Trouble error={error} />
        {isPending ? <Progress bare label={labels.loading} /> : null}
        {data ? (
          <>
            <Kinds kinds={data.kinds} />
            <Places places={data.places} />
            {/* What is saved elsewhere must not take away what is being chosen here. */}
            <TimesForm key={JSON.stringify(data.times)} times={data.times} zone={data.zone} />
          </>
        ) : null}
      </PageBody>
    </>
  );
}
