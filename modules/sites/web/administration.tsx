import { useApi } from '@liaison/core/web';
import { Row } from '@liaison/ui';
import { IconServer2 } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { getInstallation } from '../contract/installation.ts';

const SitesPage = lazy(() => import('./sites-page.tsx'));

/** `/admin/sites`: for those of the organisation that set the installation up; others have no row, because nothing is theirs to see. */
export function SitesAdministration({ part, current }: { part: 'rows' | 'page'; current: string }) {
  if (part === 'rows') return <SitesRow selected={current === 'sites'} />;
  return current === 'sites' ? (
    <Suspense fallback={null}>
      <SitesPage />
    </Suspense>
  ) : null;
}

function SitesRow({ selected }: { selected: boolean }) {
  const { t } = useTranslation('sites-nav');
  const { data } = useApi(getInstallation, {}, { staleMs: 60_000 });
  if (!data?.installation) return null;
  return (
    <Row compact href="/admin/sites" face={<IconServer2 size={18} />} name={t('sites')} selected={selected} />
  );
}
