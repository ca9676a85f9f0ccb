import type { ColorScheme } from '@liaison/ui';
import { createContext, type ReactNode, useContext } from 'react';

export type ColorSchemeChoice = readonly [scheme: ColorScheme, set: (scheme: ColorScheme) => void];

const ColorSchemeContext = createContext<ColorSchemeChoice>(['auto', () => {}]);

/** Gives the choice of light and dark to everything below; by `apps/web`, which holds the design system's provider. */
export function ColorSchemeProvider({
  choice,
  children,
}: {
  choice: ColorSchemeChoice;
  children: ReactNode;
}) {
  return <ColorSchemeContext value={choice}>{children}</ColorSchemeContext>;
}

/** Light, dark, or as the machine is (`auto`), kept on this device. */
export const useColorScheme = (): ColorSchemeChoice => useContext(ColorSchemeContext);
