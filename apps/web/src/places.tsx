import { type NavEntry, type NavGroup, navGroups } from '@liaison/core/web';
import type { NavItem } from '@liaison/ui';
import { useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { modules } from './modules.ts';
import { navNamespace } from './nav-namespace.ts';

interface Place {
  readonly module: string;
  readonly namespace: string;
  readonly entry: NavEntry;
}

/** All entries of the rail, fixed while the page lives, so that their hooks keep their order. */
const places: readonly Place[] = modules
  .flatMap((module) =>
    (module.nav ?? []).map((entry) => ({ module: module.name, namespace: navNamespace(module), entry })),
  )
  .sort((a, b) => a.entry.order - b.entry.order);

const useAlways = (): boolean => true;
const useNoBadge = (): null => null;

export interface ShownPlace extends NavItem {
  readonly group: NavGroup;
  readonly keys: string | undefined;
  readonly onlyTabs: boolean;
}

/** The places that this person sees, in order, with what waits in each. */
export function usePlaces(): readonly ShownPlace[] {
  const { t } = useTranslation(modules.map(navNamespace));
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const shown: ShownPlace[] = [];
  for (const { module, namespace, entry } of places) {
    const isShown = (entry.useShown ?? useAlways)();
    const badge = (entry.useBadge ?? useNoBadge)();
    if (!isShown) continue;
    const Icon = entry.icon;
    shown.push({
      id: `${module}${entry.path}`,
      label: t(`${namespace}:${entry.label}`),
      icon: <Icon size={21} />,
      href: entry.path,
      current: pathname === entry.path || pathname.startsWith(`${entry.path}/`),
      group: entry.group,
      keys: entry.keys,
      onlyTabs: entry.onlyTabs === true,
      ...(badge && badge.count > 0 ? { count: badge.count, quiet: badge.quiet === true } : {}),
    });
  }
  return shown;
}

/** The rail's groups from the top; administration stands at its foot. */
export const railGroups = (shown: readonly ShownPlace[]): { groups: NavItem[][]; foot: NavItem[] } => ({
  groups: navGroups
    .filter((group) => group !== 'manage')
    .map((group) => shown.filter((each) => each.group === group && !each.onlyTabs)),
  foot: shown.filter((each) => each.group === 'manage'),
});
