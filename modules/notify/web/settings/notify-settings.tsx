import { PageLoading, Row } from '@liaison/ui';
import { IconBell } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

const Page = lazy(() => import('./settings-page.tsx'));

/** Notifications among one's own settings: `/settings/notifications`. */
export function NotifySettings({ part, current }: { part: 'rows' | 'page'; current: string }) {
  const { t } = useTranslation('notify-nav');
  const isMine = current === 'notifications';
  if (part === 'rows')
    return (
      <Row
        compact
        href="/settings/notifications"
        face={<IconBell size={18} />}
        name={t('settings')}
        selected={isMine}
      />
    );
  return isMine ? (
    <Suspense fallback={<PageLoading />}>
      <Page />
    </Suspense>
  ) : null;
}
