import type { AnyRoute } from '@tanstack/react-router';
import type { ComponentType, ReactNode } from 'react';
import type { Language, StringsLoader } from './language.ts';
import type { PaletteSource } from './palette.ts';
import type { PersonOffers } from './person-view.tsx';
import type { SlotFill } from './slot.tsx';

/** Groups of the rail, from the top. */
export const navGroups = ['talk', 'write', 'keep', 'gather', 'manage'] as const;
export type NavGroup = (typeof navGroups)[number];

/** What waits behind an entry of the rail. */
export interface NavBadge {
  count: number;
  /** Need not be looked at now: drawn grey, and not counted in the page's title. */
  quiet?: boolean;
}

export interface NavEntry {
  /** Where it leads; the entry is current on every address below it. */
  readonly path: `/${string}`;
  /** An icon of Tabler's set. */
  readonly icon: ComponentType<{ size?: number }>;
  /** Key of its word in the module's strings, or in its `navStrings` where it has these. */
  readonly label: string;
  readonly group: NavGroup;
  /** Lower stands first in its group, and on telephones lower ones get the tabs. */
  readonly order: number;
  /** A sequence that goes there from anywhere: `G C`. */
  readonly keys?: string;
  /** Only among the places of a telephone: elsewhere the top bar has it. */
  readonly onlyTabs?: boolean;
  /** A hook; called in the rail on every page, so let it read only what is cached or live. */
  readonly useBadge?: () => NavBadge | null;
  /** A hook: false hides the entry (administration for those who may not). */
  readonly useShown?: () => boolean;
}

/** A place of one's own, in the menu behind my face: profile, settings, devices. */
export interface MyEntry {
  readonly path: `/${string}`;
  readonly icon: ComponentType<{ size?: number }>;
  /** Key of its words in the module's strings. */
  readonly label: string;
  readonly order: number;
}

/**
 * A module's screen, as `apps/web` composes it. The module's `web/index.tsx` exports one of these as default.
 *
 * Everything named here is in the first load of the page: keep it small and reach pages through `lazyRouteComponent`.
 */
export interface WebModule {
  /** The module's name, and the namespace of its strings. */
  readonly name: string;
  /** One loader per language: `fr: () => import('./strings/fr.json', { with: { type: 'json' } })`. */
  readonly strings: Readonly<Record<Language, StringsLoader>>;
  /**
   * The words of `nav` alone, as the namespace `<name>-nav`. For a module that says nothing in the shell but these: all its
   * other strings then come with the first page of it that is opened.
   */
  readonly navStrings?: Readonly<Record<Language, StringsLoader>>;
  readonly nav?: readonly NavEntry[];
  /** Links in the menu behind my face. */
  readonly mine?: readonly MyEntry[];
  /** Pages inside the shell, for people who are signed in. `shell` is the parent of each. */
  readonly routes?: (shell: AnyRoute) => readonly AnyRoute[];
  /** Pages without the shell that anybody may open: signing in, an invitation. `root` is the parent of each. */
  readonly publicRoutes?: (root: AnyRoute) => readonly AnyRoute[];
  readonly fills?: readonly SlotFill[];
  readonly palette?: readonly PaletteSource[];
  /** What it knows about persons, for every chip and face. */
  readonly persons?: PersonOffers;
  /** Stand around the shell, outermost first: contexts. */
  readonly providers?: readonly ComponentType<{ children: ReactNode }>[];
  /** Stand beside the pages as long as somebody is signed in, and keep their state while pages change: controllers. */
  readonly beside?: readonly ComponentType[];
}

/** Declares a module's screen; the identity function that checks it. */
export const defineModule = (module: WebModule): WebModule => module;
