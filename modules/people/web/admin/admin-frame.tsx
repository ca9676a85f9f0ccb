import { listParked } from '@liaison/core/contract';
import { Slot, useApi, useIsPlace, usePageTitle } from '@liaison/core/web';
import { ListPane, PageHeader, Panes, Refusal, Row, Rows, SectionTitle, useNarrow } from '@liaison/ui';
import {
  IconAlertTriangle,
  IconBuilding,
  IconHistory,
  IconMail,
  IconUpload,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import { Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { administrationPages, countPeople } from '../../contract/index.ts';
import { Administrators } from '../shared/administrators.tsx';
import { useGo } from '../shared/go.ts';
import { NoPage } from '../shared/no-page.tsx';
import { useIsAdministrator } from '../shared/roles.ts';

const pages = [
  ['people', IconUsers],
  ['teams', IconUsersGroup],
  ['invitations', IconMail],
  ['import', IconUpload],
  ['organisation', IconBuilding],
  ['log', IconHistory],
  ['parked', IconAlertTriangle],
] as const;

/** The administration: for managers and owners. Others read why not, and who can help. */
export function AdminFrame() {
  const { t } = useTranslation('people');
  const go = useGo();
  const allowed = useIsAdministrator();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const current = pathname.split('/')[2] ?? '';
  const page = pages.find(([id]) => id === current)?.[0];
  /** What follows `/admin/` where that is a page of another module. */
  const others = page || current === '' || current === 'menu' ? '' : pathname.slice('/admin/'.length);
  usePageTitle(page ? t(`admin.${page}`) : others ? undefined : t('nav.admin'));
  const counts = useApi(countPeople, {}, { enabled: allowed });
  const parked = useApi(listParked, { query: { limit: 1 } }, { enabled: allowed, everyMs: 60_000 });
  // Its very address: on the way out, to sign in, the address is another's already while this is still drawn.
  const onlyMenu = pathname === '/admin/menu';
  const narrow = useNarrow();
  useEffect(() => {
    // The list of pages alone is a page on telephones; elsewhere it stands beside an empty one.
    if (onlyMenu && !narrow) go.instead('/admin/people');
  }, [onlyMenu, narrow, go]);
  if (!allowed) {
    return (
      <Panes>
        <PageHeader title={t('nav.admin')} />
        <Refusal title={t('admin.refused')} actions={<Administrators />}>
          {t('admin.refusedWhy')}
        </Refusal>
      </Panes>
    );
  }
  const invited = counts.data?.invited ?? 0;
  const stuck = parked.data?.total ?? 0;
  return (
    <Panes
      listWidth={256}
      view={page || others ? 'page' : 'list'}
      onShowList={() => go.to('/admin/menu')}
      list={
        <ListPane title={t('nav.admin')}>
          <Rows label={t('nav.admin')}>
            {pages.map(([id, Icon]) => (
              <Row
                key={id}
                compact
                href={`/admin/${id}`}
                face={<Icon size={18} />}
                name={t(`admin.${id}`)}
                selected={id === page}
              />
            ))}
            <Slot slot={administrationPages} part="rows" current={others} />
          </Rows>
          {invited > 0 || stuck > 0 ? (
            <>
              <SectionTitle>{t('admin.attend')}</SectionTitle>
              <Rows label={t('admin.attend')}>
                {stuck > 0 ? (
                  <Row compact href="/admin/parked" name={t('admin.stuck', { count: stuck })} />
                ) : null}
                {invited > 0 ? (
                  <Row compact href="/admin/invitations" name={t('admin.notJoined', { count: invited })} />
                ) : null}
              </Rows>
            </>
          ) : null}
        </ListPane>
      }
    >
      <Outlet />
    </Panes>
  );
}

/** A page of another module, or none. */
export function OtherAdministration() {
  const { t } = useTranslation('people');
  const { _splat: rest = '' } = useParams({ strict: false }) as { _splat?: string };
  const isPlace = useIsPlace(administrationPages, rest);
  return isPlace ? (
    <Slot slot={administrationPages} part="page" current={rest} />
  ) : (
    <NoPage title={t('nav.admin')} back="/admin" verb={t('noPage.toAdmin')} />
  );
}
