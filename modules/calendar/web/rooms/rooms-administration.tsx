import { Row } from '@liaison/ui';
import { IconDoor } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

const RoomsPage = lazy(() => import('./rooms-page.tsx'));

/** Rooms and equipment in the administration: `/admin/rooms`. */
export function RoomsAdministration({ part, current }: { part: 'rows' | 'page'; current: string }) {
  const { t } = useTranslation('calendar-nav');
  const isMine = current === 'rooms';
  if (part === 'rows') {
    return (
      <Row compact href="/admin/rooms" face={<IconDoor size={18} />} name={t('rooms')} selected={isMine} />
    );
  }
  return isMine ? (
    <Suspense fallback={null}>
      <RoomsPage />
    </Suspense>
  ) : null;
}
