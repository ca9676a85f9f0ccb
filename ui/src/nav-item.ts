import type { ReactNode } from 'react';

/** A place of the suite: an entry of the rail, of the tabs, or of the sheet behind More. */
export interface NavItem {
  id: string;
  label: string;
  /** Drawn 21 px; give it `size={21}`. */
  icon: ReactNode;
  href: string;
  current?: boolean;
  /** What waits there. */
  count?: number;
  /** The count matters less: it is drawn grey. */
  quiet?: boolean;
}
