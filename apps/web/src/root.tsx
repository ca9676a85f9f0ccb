import {
  ColorSchemeProvider,
  KeysProvider,
  LiveProvider,
  PersonOffersProvider,
  SessionProvider,
  SlotProvider,
  TitleProvider,
} from '@liaison/core/web';
import { ToastProvider, UiProvider } from '@liaison/ui';
import { useMantineColorScheme } from '@mantine/core';
import { Outlet } from '@tanstack/react-router';
import { type ReactNode, Suspense, useMemo } from 'react';
import { useUiLabels } from './labels.ts';
import { useLeave } from './leave.ts';
import { live } from './live.ts';
import { modules } from './modules.ts';
import { PageFetching } from './page-fetching.tsx';
import { RouterLink } from './router-link.tsx';
import { sessionSource } from './session-source.ts';
import { TitleBadge } from './title-badge.tsx';

const fills = modules.flatMap((module) => module.fills ?? []);
const offers = modules.flatMap((module) => module.persons ?? []);

/** What stands around every page, public ones too. */
export function Root() {
  const labels = useUiLabels();
  const leave = useLeave();
  return (
    <UiProvider labels={labels} link={RouterLink}>
      <Scheme>
        <SessionProvider source={sessionSource} onSignedOut={leave}>
          <LiveProvider client={live}>
            <KeysProvider>
              <TitleProvider>
                <SlotProvider fills={fills}>
                  <PersonOffersProvider offers={offers}>
                    <ToastProvider>
                      <TitleBadge />
                      <Suspense fallback={<PageFetching />}>
                        <Outlet />
                      </Suspense>
                    </ToastProvider>
                  </PersonOffersProvider>
                </SlotProvider>
              </TitleProvider>
            </KeysProvider>
          </LiveProvider>
        </SessionProvider>
      </Scheme>
    </UiProvider>
  );
}

function Scheme({ children }: { children: ReactNode }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choice = useMemo(() => [colorScheme, setColorScheme] as const, [colorScheme, setColorScheme]);
  return <ColorSchemeProvider choice={choice}>{children}</ColorSchemeProvider>;
}
