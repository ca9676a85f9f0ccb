import { Badge } from './badge.tsx';
import { Dialog } from './dialog.tsx';
import { useLabels } from './labels.tsx';
import { Link } from './link.tsx';
import type { NavItem } from './nav-item.ts';
import classes from './tabs.module.css';

/** The places of a telephone that have no tab. */
export default function MoreSheet({ items, onClose }: { items: readonly NavItem[]; onClose: () => void }) {
  const labels = useLabels();
  return (
    <Dialog opened onClose={onClose} title={labels.more}>
      <ul className={classes.sheet}>
        {items.map((item) => (
          <li key={item.id}>
            <Link
              className={classes.entry}
              href={item.href}
              aria-current={item.current ? 'page' : undefined}
              onClick={onClose}
            >
              {item.icon}
              <span className={classes.label}>{item.label}</span>
              {item.count ? (
                <Badge count={item.count} quiet={item.quiet} label={labels.unread(item.count)} />
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
