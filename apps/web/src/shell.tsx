import {
  bellSeat,
  dossierSeat,
  lineSeat,
  type Session,
  Slot,
  useMaybeSession,
  useOfferedVerbs,
  useSlot,
} from '@liaison/core/web';
import { FindButton, Line, PersonVerbsProvider, Rail, Shell, Tabs, useLabels } from '@liaison/ui';
import { IconSearch, IconUserCircle } from '@tabler/icons-react';
import { Outlet } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EarlyKeys } from './early-keys.tsx';
import { Me, meOf } from './me.tsx';
import { modules } from './modules.ts';
import { Notices } from './notices.tsx';
import { PageFetching } from './page-fetching.tsx';
import { railGroups, usePlaces } from './places.tsx';
import { useSessionUpkeep } from './session-upkeep.ts';
import { useShellKeys } from './shell-keys.ts';

const FindPalette = lazy(() => import('./find-palette.tsx'));
const AllKeys = lazy(() => import('./all-keys.tsx'));

const providers = modules.flatMap((module) => module.providers ?? []);
const beside = modules.flatMap((module) => module.beside ?? []);

/** What the gate lets through: everything around the pages, and the pages. */
export function ShellFrame() {
  const session = useMaybeSession();
  useSessionUpkeep();
  // Signing out redraws this before the sign-in page has come: nothing below may be drawn without a session.
  if (!session) return null;
  const frame = <Frame session={session} />;
  return <Suspense fallback={null}>{inside(providers, frame)}</Suspense>;
}

/** `what` with each provider around it, the first outermost. */
const inside = ([Outer, ...rest]: typeof providers, what: ReactNode): ReactNode =>
  Outer ? <Outer>{inside(rest, what)}</Outer> : what;

type Opened = 'find' | 'keys' | null;

function Frame({ session }: { session: Session }) {
  const { t } = useTranslation('shell');
  const [opened, setOpened] = useState<Opened>(null);
  const close = useCallback(() => setOpened(null), []);
  const begun = useRef('');
  const find = (): void => {
    if (opened !== 'find') begun.current = '';
    setOpened('find');
  };
  const places = usePlaces();
  const { groups, foot } = railGroups(places);
  const verbsFor = useOfferedVerbs();
  useShellKeys(places, { find, keys: () => setOpened('keys') });
  const { keyNames } = useLabels();
  const [first] = places;
  const tabs = places.filter((place) => place.group !== 'manage').slice(0, 4);
  return (
    <PersonVerbsProvider verbsFor={verbsFor}>
      <WithDossier>
        {(dossier) => (
          <Shell
            home={{ href: first?.href ?? '/', label: t('home') }}
            line={<Slot slot={lineSeat} empty={<Line me={meOf(session)} state={{ kind: 'idle' }} />} />}
            find={<FindButton text={t('find.field')} shortcut={`${keyNames.ctrl} K`} onClick={find} />}
            bell={<Slot slot={bellSeat} />}
            me={<Me session={session} onKeys={() => setOpened('keys')} />}
            rail={<Rail groups={groups} foot={foot} />}
            tabs={
              <Tabs
                items={tabs}
                more={[
                  ...places.filter((place) => !tabs.includes(place)),
                  { id: 'find', label: t('find.open'), icon: <IconSearch size={21} />, href: '/find' },
                  { id: 'me', label: t('me.title'), icon: <IconUserCircle size={21} />, href: '/me' },
                ]}
              />
            }
            dossier={dossier}
            notice={<Notices />}
          >
            <Suspense fallback={<PageFetching />}>
              <Outlet />
            </Suspense>
          </Shell>
        )}
      </WithDossier>
      {beside.map((Beside, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list is fixed while the page lives
        <Suspense key={index} fallback={null}>
          <Beside />
        </Suspense>
      ))}
      <Suspense fallback={opened === 'find' ? <EarlyKeys begun={begun} onCancel={close} /> : null}>
        {opened === 'find' ? <FindPalette onClose={close} begun={begun} /> : null}
        {opened === 'keys' ? <AllKeys onClose={close} /> : null}
      </Suspense>
    </PersonVerbsProvider>
  );
}

function WithDossier({ children }: { children: (dossier: ReactNode) => ReactNode }) {
  const [Dossier] = useSlot(dossierSeat);
  return Dossier ? <Dossier>{children}</Dossier> : children(null);
}
