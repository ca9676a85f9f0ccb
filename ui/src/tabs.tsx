import { IconLayoutGrid } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { Badge } from './badge.tsx';
import { useLabels } from './labels.tsx';
import { Link } from './link.tsx';
import type { NavItem } from './nav-item.ts';
import classes from './tabs.module.css';

const MoreSheet = lazy(() => import('./more-sheet.tsx'));

export interface TabsProps {
  /** Four at most; the fifth is More. */
  items: readonly NavItem[];
  /** Everything else, in the sheet behind More. */
  more: readonly NavItem[];
}

/** The rail of a telephone: four places and the rest behind More. */
export function Tabs({ items, more }: TabsProps) {
  const labels = useLabels();
  const [opened, setOpened] = useState(false);
  const moreCount = more.reduce((sum, item) => sum + (item.quiet ? 0 : (item.count ?? 0)), 0);
  return (
    <nav className={classes.tabs} aria-label={labels.sections}>
      {items.slice(0, 4).map((item) => (
        <Link
          key={item.id}
          className={classes.tab}
          href={item.href}
          aria-current={item.current ? 'page' : undefined}
        >
          {item.icon}
          <span className={classes.label}>{item.label}</span>
          {item.count ? (
            <span className={classes.count}>
              <Badge count={item.count} quiet={item.quiet} label={labels.unread(item.count)} />
            </span>
          ) : null}
        </Link>
      ))}
      <button
        type="button"
        className={classes.tab}
        aria-haspopup="dialog"
        aria-expanded={opened}
        data-current={more.some((item) => item.current) || undefined}
        onClick={() => setOpened(true)}
      >
        <IconLayoutGrid size={21} />
        <span className={classes.label}>{labels.more}</span>
        {moreCount ? (
          <span className={classes.count}>
            <Badge count={moreCount} label={labels.unread(moreCount)} />
          </span>
        ) : null}
      </button>
      {opened ? (
        <Suspense fallback={null}>
          <MoreSheet items={more} onClose={() => setOpened(false)} />
        </Suspense>
      ) : null}
    </nav>
  );
}
