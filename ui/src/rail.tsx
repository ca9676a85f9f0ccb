import { Fragment } from 'react';
import { Badge } from './badge.tsx';
import { useLabels } from './labels.tsx';
import { Link } from './link.tsx';
import type { NavItem } from './nav-item.ts';
import classes from './rail.module.css';

export interface RailProps {
  /** Talk, write and plan, keep, gather: a hairline stands between groups. */
  groups: readonly (readonly NavItem[])[];
  /** At the foot: administration. */
  foot?: readonly NavItem[];
}

/** The rail of modules, at the left of everything. Absent on telephones, where `Tabs` stands for it. */
export function Rail({ groups, foot = [] }: RailProps) {
  const labels = useLabels();
  return (
    <nav className={classes.rail} aria-label={labels.sections}>
      {groups
        .filter((group) => group.length > 0)
        .map((group, index) => (
          <Fragment key={group[0]?.id}>
            {index > 0 ? <hr className={classes.rule} /> : null}
            {group.map((item) => (
              <RailLink key={item.id} item={item} />
            ))}
          </Fragment>
        ))}
      {foot.length > 0 ? <span className={classes.space} /> : null}
      {foot.map((item) => (
        <RailLink key={item.id} item={item} />
      ))}
    </nav>
  );
}

function RailLink({ item }: { item: NavItem }) {
  const labels = useLabels();
  return (
    <Link className={classes.item} href={item.href} aria-current={item.current ? 'page' : undefined}>
      {item.icon}
      <span className={classes.label}>{item.label}</span>
      {item.count ? (
        <span className={classes.count}>
          <Badge count={item.count} quiet={item.quiet} label={labels.unread(item.count)} />
        </span>
      ) : null}
    </Link>
  );
}
