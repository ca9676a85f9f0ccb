import { useLostSince } from '@liaison/core/web';
import { PageLoading, Panes, Refusal } from '@liaison/ui';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** In the place of a page whose words or parts are still fetched: rail, line and a running call stay as they are. */
export function PageFetching() {
  const { t } = useTranslation('shell');
  const lost = useLostSince();
  return (
    <Panes>
      {lost ? (
        <Refusal isPage title={t('fetching.title')} icon={<IconPlugConnectedX size={24} />}>
          {t('fetching.why')}
        </Refusal>
      ) : (
        <PageLoading />
      )}
    </Panes>
  );
}
