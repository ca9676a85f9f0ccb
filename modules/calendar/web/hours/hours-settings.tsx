import { Row } from '@liaison/ui';
import { IconClock } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

const HoursPage = lazy(() => import('./hours-page.tsx'));

/** Working hours among one's own settings: `/settings/working-hours`. */
export function HoursSettings({ part, current }: { part: 'rows' | 'page'; current: string }) {
  const { t } = useTranslation('calendar-nav');
  const isMine = current === 'working-hours';
  if (part === 'rows') {
    return (
      <Row
        compact
        href="/settings/working-hours"
        face={<IconClock size={18} />}
        name={t('workingHours')}
        selected={isMine}
      />
    );
  }
  return isMine ? (
    <Suspense fallback={null}>
      <HoursPage />
    </Suspense>
  ) : null;
}
