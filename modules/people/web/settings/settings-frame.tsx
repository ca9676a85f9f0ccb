import { Slot, useIsPlace, usePageTitle } from '@liaison/core/web';
import { ListPane, Panes, Row, Rows, useNarrow } from '@liaison/ui';
import {
  IconDatabaseExport,
  IconDeviceMobile,
  IconDevices,
  IconPalette,
  IconShieldLock,
  IconUserCircle,
} from '@tabler/icons-react';
import { Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { settingsPages } from '../../contract/index.ts';
import { useGo } from '../shared/go.ts';
import { NoPage } from '../shared/no-page.tsx';

const pages = [
  ['profile', IconUserCircle],
  ['security', IconShieldLock],
  ['sessions', IconDevices],
  ['devices', IconDeviceMobile],
  ['appearance', IconPalette],
  ['data', IconDatabaseExport],
] as const;

/** One's own settings: the list of pages, and one of them. */
export function SettingsFrame() {
  const { t } = useTranslation('people');
  const go = useGo();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const current = pathname.replace(/^\/settings\/?/, '').split('/')[0] ?? '';
  const page = pages.find(([id]) => id === current)?.[0];
  /** What follows `/settings/` where that is a page of another module. */
  const others = page || current === '' ? '' : pathname.slice('/settings/'.length);
  // Beside the list the profile is open at once; where the list is all there is, nothing is.
  const narrow = useNarrow();
  const opened = page ?? (narrow || others ? undefined : 'profile');
  usePageTitle(page ? t(`settings.${page}`) : others ? undefined : t('settings.all'));
  return (
    <Panes
      listWidth={256}
      view={page || others ? 'page' : 'list'}
      onShowList={() => go.to('/settings')}
      list={
        <ListPane title={t('settings.all')}>
          <Rows label={t('settings.all')}>
            {pages.map(([id, Icon]) => (
              <Row
                key={id}
                compact
                href={`/settings/${id}`}
                face={<Icon size={18} />}
                name={t(`settings.${id}`)}
                selected={id === opened}
              />
            ))}
            <Slot slot={settingsPages} part="rows" current={others} />
          </Rows>
        </ListPane>
      }
    >
      <Outlet />
    </Panes>
  );
}

/** A page of another module, or none. */
export function OtherSettings() {
  const { t } = useTranslation('people');
  const { _splat: rest = '' } = useParams({ strict: false }) as { _splat?: string };
  const isPlace = useIsPlace(settingsPages, rest);
  return isPlace ? (
    <Slot slot={settingsPages} part="page" current={rest} />
  ) : (
    <NoPage title={t('settings.all')} back="/settings" verb={t('noPage.toSettings')} />
  );
}
