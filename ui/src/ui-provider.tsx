import './base.css';
import './tokens.css';
import '@mantine/core/styles/baseline.layer.css';
import '@mantine/core/styles/default-css-variables.layer.css';
import '@mantine/core/styles/global.layer.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import type { ComponentType, ReactNode } from 'react';
import { type Labels, LabelsProvider } from './labels.tsx';
import { type LinkProps, LinkProvider } from './link.tsx';
import { cssVariablesResolver, theme } from './theme.ts';

export type ColorScheme = 'auto' | 'light' | 'dark';

const schemeManager = localStorageColorSchemeManager({ key: 'liaison-color-scheme' });

/** The nonce of this page's Content-Security-Policy, from `<meta name="csp-nonce" content="…">`; '' where there is none. */
export function styleNonce(): string {
  if (typeof document === 'undefined') return '';
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]');
  return meta?.content || meta?.nonce || '';
}

/** Libraries that add a style tag of their own read the nonce from this well-known global. */
function publishNonce(): void {
  const nonce = styleNonce();
  if (nonce) Object.assign(globalThis, { __webpack_nonce__: nonce });
}
publishNonce();

export interface UiProviderProps {
  children: ReactNode;
  /** The words of the current language; English where left out. */
  labels?: Partial<Labels>;
  /** The router's link. */
  link?: ComponentType<LinkProps>;
  /** Until the reader chooses one (kept on this device). */
  defaultColorScheme?: ColorScheme;
  /** Holds one theme whatever the reader chose: for pictures and tests. */
  forceColorScheme?: 'light' | 'dark';
}

/** Everything that the components need around them. Works under `style-src 'self' 'nonce-…'` and `script-src 'self'`. */
export function UiProvider({
  children,
  labels,
  link,
  defaultColorScheme = 'auto',
  forceColorScheme,
}: UiProviderProps) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      getStyleNonce={styleNonce}
      defaultColorScheme={defaultColorScheme}
      forceColorScheme={forceColorScheme}
      colorSchemeManager={schemeManager}
    >
      <LabelsProvider labels={labels}>
        {link ? <LinkProvider link={link}>{children}</LinkProvider> : children}
      </LabelsProvider>
    </MantineProvider>
  );
}
