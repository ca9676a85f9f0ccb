import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import classes from './icon-button.module.css';
import { Link } from './link.tsx';

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  /** What it does, in words; also its tooltip. */
  'aria-label': string;
  children: ReactNode;
  /** Switched on (a favourite, an open panel). */
  on?: boolean;
  /** Makes it a link. */
  href?: string;
  ref?: Ref<HTMLButtonElement>;
  [data: `data-${string}`]: string | number | boolean | undefined;
}

/** A square button with one icon: 32 px, 44 on telephones. */
export function IconButton({ on, href, children, className, ref, ...props }: IconButtonProps) {
  const label = props['aria-label'];
  const shared = {
    className: [classes.button, className].filter(Boolean).join(' '),
    'data-on': on || undefined,
  };
  if (href !== undefined) {
    return (
      <Link href={href} aria-label={label} title={label} {...shared}>
        {children}
      </Link>
    );
  }
  return (
    <button
      ref={ref}
      type="button"
      title={label}
      aria-pressed={on === undefined ? undefined : on}
      {...props}
      {...shared}
    >
      {children}
    </button>
  );
}
